"""Fields of the config as pydantic sees them: how the text of a value is read, and its JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.config import scalars
from reconciler.config.credentials import public_keys_of, read_secret
from reconciler.config.mistake import Mistake
from reconciler.config.numbers import FORM, number
from reconciler.config.surroundings import Surroundings
from reconciler.config.times import clock, end_clock, until, zone
from reconciler.model.ids import PhoneNumber, ProfileId
from reconciler.model.settings import Listen, Rhythm, Secret

# What an editor takes for a number or a boolean is text to us.
TEXT: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
VARIABLE: JsonSchemaValue = {"type": "string", "pattern": r"\$\{"}
_NO_FILE = "must be a file's name"


def complaint(mistake: Mistake) -> PydanticCustomError:
    """A mistake as pydantic reports it, with the place that only pydantic knows."""
    return PydanticCustomError("mistake", "{words}", {"words": mistake.words, "hint": mistake.hint})


@dataclass(frozen=True, eq=False)
class Reads:
    """Marks a field whose value is read from text by `parse`."""

    parse: Callable[[str], object]
    schema: JsonSchemaValue
    other: str = "must be a single value"
    """What to say of a list or a mapping."""

    def read(self, value: object) -> object:
        """The value, or the complaint."""
        if not isinstance(value, str):
            raise complaint(Mistake(self.other))
        try:
            return self.parse(value)
        except Mistake as mistake:
            raise complaint(mistake) from None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return deepcopy(self.schema)  # pydantic writes the field's default into what it is given


@dataclass(frozen=True, eq=False)
class ReadsAround:
    """Marks a field whose value leads somewhere: to a file, or to the clocks of a place.

    The validation's context is the `Surroundings`.
    """

    parse: Callable[[str, Surroundings], object]
    schema: JsonSchemaValue
    other: str = "must be a single value"
    """What to say of a list or a mapping."""

    def read(self, value: object, info: ValidationInfo) -> object:
        """The value, or the complaint."""
        if not isinstance(value, str) or not isinstance(info.context, Surroundings):
            raise complaint(Mistake(self.other))
        try:
            return self.parse(value, info.context)
        except Mistake as mistake:
            raise complaint(mistake) from None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return deepcopy(self.schema)


def in_file(parse: Callable[[str], object]) -> ReadsAround:
    """Marks a field that names a file: its value is what `parse` makes of the text there."""

    def read(name: str, surroundings: Surroundings) -> object:
        if "://" in name:
            raise Mistake(_NO_FILE)  # a URL is a secret in the wrong place: not to be shown
        return read_secret(surroundings.folder / name, parse, surroundings.reading)

    return ReadsAround(read, {"type": "string", "minLength": 1}, _NO_FILE)


def _shape(pattern: str) -> JsonSchemaValue:
    return {"anyOf": [{"type": "string", "pattern": f"^(?:{pattern})$"}, VARIABLE]}


def _words(*allowed: str) -> JsonSchemaValue:
    return {"anyOf": [{"enum": list(allowed)}, VARIABLE]}


def one_of(*allowed: str, planned: tuple[str, ...] = (), other: str = "must be a single value") -> Reads:
    """Marks a field that is one of some words."""
    return Reads(scalars.choice(*allowed, planned=planned), _words(*allowed), other)


_UNTIL = _shape(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?"
)
# What people write without quotes reaches an editor as a whole number, without its plus.
NUMBER: JsonSchemaValue = {
    "anyOf": [
        {"type": "string", "pattern": f"^{FORM}$"},
        {"type": "integer", "minimum": 10_000_000_000, "maximum": 19_999_999_999},
        VARIABLE,
    ]
}
_URL = _shape("https?://[^\\s/]+.*")
_KEY = _shape("[A-Za-z0-9+/]{43}=")
_LISTEN = _shape(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")

Text: TypeAlias = Annotated[str, Reads(scalars.text, TEXT)]
Description: TypeAlias = Annotated[str, Reads(scalars.any_text, TEXT)]
Number: TypeAlias = Annotated[PhoneNumber, Reads(number, NUMBER, "must be a phone number")]
Note: TypeAlias = Annotated[str, Reads(scalars.note, TEXT)]
Until: TypeAlias = Annotated[datetime, ReadsAround(lambda text, around: until(text, around.zone), _UNTIL)]
NumberFile: TypeAlias = Annotated[str, Reads(scalars.number_file, _shape(r".+\.([Tt][Xx][Tt]|[Cc][Ss][Vv])"), _NO_FILE)]
Profile: TypeAlias = Annotated[ProfileId, Reads(scalars.profile_id, _shape("[A-Za-z0-9][A-Za-z0-9-]{0,63}"))]
Zone: TypeAlias = Annotated[tzinfo, Reads(zone, _shape("[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}"))]
Clock: TypeAlias = Annotated[time, Reads(clock, _shape("(?:[01][0-9]|2[0-3]):[0-5][0-9]"))]
EndClock: TypeAlias = Annotated[time, Reads(end_clock, _shape("(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"))]
Version: TypeAlias = Annotated[str, Reads(scalars.choice("1"), {"enum": [1, "1"]})]
Boolean: TypeAlias = Annotated[bool, Reads(scalars.boolean, {"anyOf": [{"type": "boolean"}, VARIABLE]})]
Duration: TypeAlias = Annotated[timedelta, Reads(scalars.duration, _shape("[0-9]{1,9}(?:ms|s|m|h|d)"))]
Spread: TypeAlias = Annotated[timedelta, Reads(scalars.spread, _shape("[0-9]{1,9}(?:ms|s|m|h|d)"))]
Size: TypeAlias = Annotated[int, Reads(scalars.size, _shape("[0-9]{1,12}(?:B|[KMGT]i?B)"))]
Rate: TypeAlias = Annotated[float | None, Reads(scalars.rate, _shape(r"auto|[0-9]{1,5}(?:\.[0-9]{1,3})?/(?:s|min)"))]
Schedule: TypeAlias = Annotated[Rhythm, Reads(scalars.rhythm, _shape("every +[0-9]+(?:ms|s|m|h|d)|cron:.+"))]
Address: TypeAlias = Annotated[str, Reads(scalars.open_address, _URL)]
Listening: TypeAlias = Annotated[Listen, Reads(scalars.listen, _LISTEN)]
Loopback: TypeAlias = Annotated[Listen, Reads(scalars.loopback, _LISTEN)]
UrlPath: TypeAlias = Annotated[str, Reads(scalars.path, _shape("/[A-Za-z0-9._~/-]*"))]
Host: TypeAlias = Annotated[str, Reads(scalars.host, _shape(r"[A-Za-z0-9.:\[\]-]+"))]
StoreUrl: TypeAlias = Annotated[str, Reads(scalars.store_url, _shape("sqlite:///.+"))]
ReceiverName: TypeAlias = Annotated[str, Reads(scalars.receiver_name, TEXT)]
PublicKey: TypeAlias = Annotated[str, Reads(scalars.public_key, _KEY)]
PUBLIC_KEYS_SCHEMA: JsonSchemaValue = {"anyOf": [_KEY, {"type": "array", "items": _KEY, "minItems": 1, "maxItems": 3}]}
PublicKeyFile: TypeAlias = Annotated[tuple[str, ...], in_file(public_keys_of)]
SecretText: TypeAlias = Annotated[Secret, Reads(scalars.secret, {"type": "string", "minLength": 1})]
SecretFile: TypeAlias = Annotated[Secret, in_file(scalars.secret)]
SecretAddress: TypeAlias = Annotated[Secret, Reads(scalars.secret_address, _URL)]
SecretAddressFile: TypeAlias = Annotated[Secret, in_file(scalars.secret_address)]
SigningKey: TypeAlias = Annotated[Secret, Reads(scalars.signing_key, {"type": "string", "minLength": 1})]
SigningKeyFile: TypeAlias = Annotated[Secret, in_file(scalars.signing_key)]
Glob: TypeAlias = Annotated[str, Reads(scalars.glob, TEXT)]
AlertGlob: TypeAlias = Annotated[str, Reads(scalars.alert_glob, TEXT)]
