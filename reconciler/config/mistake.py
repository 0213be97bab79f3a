"""A mistake in one value, before anyone knows its place: what is wrong, and the way out."""


class Mistake(ValueError):
    """What is wrong with one value, in words that never quote it: the value may be a secret."""

    def __init__(self, words: str, hint: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.hint = hint
