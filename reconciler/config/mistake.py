"""A mistake in one value, before anyone knows its place: what is wrong, and the way out."""

from collections.abc import Iterable
from difflib import get_close_matches


class Mistake(ValueError):
    """What is wrong with one value, in words that never quote it: the value may be a secret."""

    def __init__(self, words: str, hint: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.hint = hint


def guess(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'pools'?`, of the known word that is nearest to this one; empty where none is near."""
    close = get_close_matches(word, list(known), n=1)
    return f", did you mean {close[0]!r}?" if close else ""
