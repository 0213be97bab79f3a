"""The failures that a person has ordered for numbers: what goes wrong next, how, and how often."""

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Final

HTTP_ERRORS: Final = range(400, 600)


@unique
class FailureKind(StrEnum):
    """What can be made to fail for a number."""

    REFUSE = "refuse"
    """The request to assign it is answered with an error."""
    ASSIGNMENT = "assignment"
    """Accepted, then FAILED_ASSIGNMENT."""
    CARRIER = "carrier"
    """ASSIGNED, but one group of carriers says FAILED (FIELD:59929826517)."""
    REMOVAL = "removal"
    """Accepted, then FAILED_UNASSIGNMENT."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One ordered failure."""

    kind: FailureKind
    reason: str
    status: int = 400
    """HTTP status of a refusal."""
    code: str = "10015"
    """Telnyx's error code of a refusal."""
    carrier: str = "tmobile"
    """Whose mapping fails: `tmobile` or `non_tmobile`."""
    times: int | None = 1
    """How many more times; None is until it is cleared."""

    def __post_init__(self) -> None:
        """Refuse what could not happen."""
        if self.status not in HTTP_ERRORS:
            raise ValueError("status is an HTTP error: 400 to 599")
        if self.carrier not in {"tmobile", "non_tmobile"}:
            raise ValueError("carrier is tmobile or non_tmobile")
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more; none is until cleared")


class Failures:
    """What is ordered for each number, used in the order in which it was ordered."""

    def __init__(self) -> None:
        self._ordered: dict[str, list[Failure]] = {}

    def order(self, number: str, failure: Failure) -> None:
        """Make something fail for a number, after what is already ordered for it."""
        self._ordered.setdefault(number, []).append(failure)

    def clear(self, number: str) -> None:
        """Forget what is ordered for a number."""
        self._ordered.pop(number, None)

    def take(self, number: str, kind: FailureKind) -> Failure | None:
        """Use the first failure of this kind for a number once; None if nothing of the kind is ordered."""
        ordered = self._ordered.get(number, [])
        for place, failure in enumerate(ordered):
            if failure.kind == kind:
                rest = [] if failure.times == 1 else [replace(failure, times=_one_less(failure.times))]
                ordered[place : place + 1] = rest
                return failure
        return None


def _one_less(times: int | None) -> int | None:
    return None if times is None else times - 1
