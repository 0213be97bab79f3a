"""Fields of the config as pydantic sees them: how the text of a value is read, and its JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.config import scalars
from reconciler.config.credentials import public_keys_of, read_secret
from reconciler.config.mistake import Mistake
from reconciler.model.settings import DriftCheck, Listen, Secret

# What an editor takes for a number or a boolean is text to us.
TEXT: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
VARIABLE: JsonSchemaValue = {"type": "string", "pattern": r"\$\{"}


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
class ReadsFile:
    """Marks a field that names a file: its value is what `parse` makes of the text there.

    The validation's context is the folder that a relative name starts from.
    """

    parse: Callable[[str], object]

    def read(self, value: object, info: ValidationInfo) -> object:
        """What the file says, or the complaint."""
        folder = info.context
        if not isinstance(value, str) or not isinstance(folder, Path) or "://" in value:
            raise complaint(Mistake("must be a file's name"))  # a URL is a secret in the wrong place: not to be shown
        try:
            return read_secret(folder / value, self.parse)
        except Mistake as mistake:
            raise complaint(mistake) from None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1}


def _shape(pattern: str) -> JsonSchemaValue:
    return {"anyOf": [{"type": "string", "pattern": f"^(?:{pattern})$"}, VARIABLE]}


def _words(*allowed: str) -> JsonSchemaValue:
    return {"anyOf": [{"enum": list(allowed)}, VARIABLE]}


def one_of(*allowed: str, planned: tuple[str, ...] = (), other: str = "must be a single value") -> Reads:
    """Marks a field that is one of some words."""
    return Reads(scalars.choice(*allowed, planned=planned), _words(*allowed), other)


_URL = _shape("https?://[^\\s/]+.*")
_KEY = _shape("[A-Za-z0-9+/]{43}=")
_LISTEN = _shape(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")

Text: TypeAlias = Annotated[str, Reads(scalars.text, TEXT)]
Description: TypeAlias = Annotated[str, Reads(scalars.any_text, TEXT)]
Number: TypeAlias = Annotated[
    str, Reads(scalars.text, {"type": ["string", "integer"]}, "number entries as mappings: not supported yet")
]
Version: TypeAlias = Annotated[str, Reads(scalars.choice("1"), {"enum": [1, "1"]})]
Boolean: TypeAlias = Annotated[bool, Reads(scalars.boolean, {"anyOf": [{"type": "boolean"}, VARIABLE]})]
Duration: TypeAlias = Annotated[timedelta, Reads(scalars.duration, _shape("[0-9]{1,9}(?:ms|s|m|h|d)"))]
Rate: TypeAlias = Annotated[float, Reads(scalars.rate, _shape(r"auto|[0-9]{1,5}(?:\.[0-9]{1,3})?/(?:s|min)"))]
Schedule: TypeAlias = Annotated[DriftCheck, Reads(scalars.drift_check, _shape("every +[0-9]+(?:ms|s|m|h|d)|cron:.+"))]
Address: TypeAlias = Annotated[str, Reads(scalars.open_address, _URL)]
Listening: TypeAlias = Annotated[Listen, Reads(scalars.listen, _LISTEN)]
Loopback: TypeAlias = Annotated[Listen, Reads(scalars.loopback, _LISTEN)]
UrlPath: TypeAlias = Annotated[str, Reads(scalars.path, _shape("/[A-Za-z0-9._~/-]*"))]
Host: TypeAlias = Annotated[str, Reads(scalars.host, _shape(r"[A-Za-z0-9.:\[\]-]+"))]
StoreUrl: TypeAlias = Annotated[str, Reads(scalars.store_url, _shape("sqlite:///.+"))]
ReceiverName: TypeAlias = Annotated[str, Reads(scalars.receiver_name, TEXT)]
PublicKey: TypeAlias = Annotated[str, Reads(scalars.public_key, _KEY)]
PUBLIC_KEYS_SCHEMA: JsonSchemaValue = {"anyOf": [_KEY, {"type": "array", "items": _KEY, "minItems": 1, "maxItems": 3}]}
PublicKeyFile: TypeAlias = Annotated[tuple[str, ...], ReadsFile(public_keys_of)]
SecretText: TypeAlias = Annotated[Secret, Reads(scalars.secret, {"type": "string", "minLength": 1})]
SecretFile: TypeAlias = Annotated[Secret, ReadsFile(scalars.secret)]
SecretAddress: TypeAlias = Annotated[Secret, Reads(scalars.secret_address, _URL)]
SecretAddressFile: TypeAlias = Annotated[Secret, ReadsFile(scalars.secret_address)]
