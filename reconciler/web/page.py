"""The pages that people see: what the JSON outputs say, as HTML that works without JavaScript."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from reconciler.model.standing import Phase
from reconciler.ports import Clock

REFRESH_SECONDS: Final = 15
TEXT_CHARACTERS: Final = 300
_TONES: Final[dict[str, str]] = {
    **dict.fromkeys((Phase.READY, "ok"), "good"),
    **dict.fromkeys((Phase.QUEUED, Phase.ASSIGNING, Phase.PROPAGATING), "busy"),
    **dict.fromkeys((Phase.BLOCKED, Phase.GONE, "critical", "fail"), "bad"),
    **dict.fromkeys((Phase.WAITING, Phase.RETRYING, Phase.DRIFTED, Phase.FROZEN, "Stale", "warning", "wait"), "warn"),
}
_SETTLED: Final = frozenset({Phase.READY, Phase.BLOCKED, Phase.GONE, Phase.UNMANAGED})
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class Pages:
    """Makes whole pages from the same values that the API gives as JSON."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._environment = Environment(
            loader=PackageLoader("reconciler.web"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            ago=self._ago, moment=_moment, shown=_shown, span=_span, tone=_tone, total=_total, waiting=_waiting
        )

    def status(self, status: Mapping[str, object]) -> str:
        """The overview, from the output `status`."""
        return self._page("status.html", status=status, refresh=REFRESH_SECONDS)

    def number(self, explanation: Mapping[str, object]) -> str:
        """Why one number does or does not send, from the output `explain`."""
        return self._page("number.html", number=explanation, refresh=REFRESH_SECONDS)

    def notice(self, title: str, text: str) -> str:
        """A page that says one thing."""
        return self._page("notice.html", title=title, text=text, refresh=None)

    def _page(self, name: str, **values: object) -> str:
        return self._environment.get_template(name).render(now=self._clock.now().isoformat(), **values)

    def _ago(self, at: str) -> str:
        seconds = (self._clock.now() - datetime.fromisoformat(at)).total_seconds()
        if abs(seconds) < 1:
            return "now"
        return f"{_span(seconds)} ago" if seconds > 0 else f"in {_span(-seconds)}"


def _moment(at: str) -> str:
    """A time in full: `2026-03-02 12:00:00 UTC`."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"


def _span(seconds: float) -> str:
    """A length of time in its largest whole unit: `3 min`."""
    size, unit = next((step for step in _UNITS if seconds >= step[0]), _UNITS[-1])
    return f"{int(seconds // size)} {unit}"


def _shown(text: str) -> str:
    """Text of others, short, with nothing in it that a screen would act on instead of showing it."""
    short = text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}…"
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in short)


def _tone(word: str) -> str:
    """The colour of a phase, a headline, a severity or a result."""
    return _TONES.get(word, "plain")


def _waiting(phases: Mapping[str, int]) -> int:
    """The numbers that are on their way, or wait for something: neither Ready nor Blocked."""
    return sum(count for phase, count in phases.items() if phase not in _SETTLED)


def _total(counts: Mapping[str, int]) -> int:
    return sum(counts.values())
