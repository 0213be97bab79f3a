"""Makes one item of an answer odd, a number's, a campaign's: its names, its words, its shapes."""

import re
from typing import Final, assert_never

from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.oddities import Oddities, Reasons, Times

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:\d\d)?")
_HYPHENATED: Final = {"longcode": "long-code", "tollfree": "toll-free", "shortcode": "short-code"}


def reworded(oddities: Oddities, item: JsonObject) -> JsonObject:
    """The item, with everything odd about it that is asked for."""
    for change in (_with_new_words, _with_att, _with_reasons, _with_times, _with_types, _with_names):
        item = change(oddities, item)
    return item


def _with_new_words(oddities: Oddities, item: JsonObject) -> JsonObject:
    words = {
        "assignmentStatus": oddities.assignment_status,
        "campaignStatus": oddities.campaign_status,
        "tmobileNumberMappingStatus": oddities.mapping_status,
        "nonTmobileNumberMappingStatus": oddities.mapping_status,
    }
    return item | {name: word for name, word in words.items() if word and name in item}


def _with_att(oddities: Oddities, item: JsonObject) -> JsonObject:
    word = oddities.att_mapping_status
    return item | {"attNumberMappingStatus": word} if word and "tmobileNumberMappingStatus" in item else item


def _with_reasons(oddities: Oddities, item: JsonObject) -> JsonObject:
    text = item.get("failureReasons")
    if not isinstance(text, str):
        return item
    match oddities.reasons:
        case Reasons.TEXT:
            return item
        case Reasons.TEXTS:
            return item | {"failureReasons": [text]}
        case Reasons.OBJECTS:
            return item | {"failureReasons": [{"fields": [], "description": text}]}
        case Reasons.ELSEWHERE:
            return item | {"failureReasons": None, "errors": text}
        case _:
            assert_never(oddities.reasons)


def _with_times(oddities: Oddities, item: JsonObject) -> JsonObject:
    match oddities.times:
        case Times.DOCUMENTED:
            return item
        case Times.ZONED:
            return {name: _timed(part, "+00:00") for name, part in item.items()}
        case Times.ZONELESS:
            return {name: _timed(part, "") for name, part in item.items()}
        case _:
            assert_never(oddities.times)


def _with_types(oddities: Oddities, item: JsonObject) -> JsonObject:
    word = _HYPHENATED.get(str(item.get("type")))
    return item | {"type": word} if oddities.hyphenated_types and word else item


def _with_names(oddities: Oddities, item: JsonObject) -> JsonObject:
    names = {"assignmentStatus": "status"} if oddities.status_renamed else {}
    return {names.get(name, name): part for name, part in item.items()}


def _timed(part: object, zone: str) -> object:
    time = _TIME.fullmatch(part) if isinstance(part, str) else None
    return part if time is None else time[1] + zone
