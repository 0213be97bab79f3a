"""The JSON Schema of the config file, for editors: of the file as people write it, not as we read it."""

from __future__ import annotations

from datetime import timedelta, tzinfo

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema

from reconciler.config.schema import FileSection
from reconciler.config.section import Section
from reconciler.model.settings import Cron, Every, Listen, Rhythm

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def config_schema() -> dict[str, object]:
    """A JSON Schema (draft 2020-12) that the YAML language servers of editors can use."""
    return FileSection.model_json_schema(schema_generator=_Generator)


class _Generator(GenerateJsonSchema):
    """Adds what holds of every mapping of the file, and writes defaults as people would."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """The whole schema."""
        made = super().generate(schema, mode)
        for mapping in (made, *made["$defs"].values()):
            mapping["patternProperties"] = {"^x-": True}
            required = mapping.get("required", [])
            for name, value in mapping["properties"].items():
                value.pop("title", None)
                if name not in required:
                    mapping["properties"][name] = _or_nothing(value)
        return {"$schema": self.schema_dialect, **made}

    def encode_default(self, dft: object) -> object:
        """A default as text."""
        match dft:
            case timedelta():
                return _duration(dft)
            case Every() | Cron():
                return _rhythm(dft)
            case tzinfo() | Listen():
                return str(dft)
            case int():  # the only whole numbers of the config are sizes
                return f"{dft // 1_000_000}MB"
            case Section():
                return None  # a section's keys have their own defaults
            case _:
                return super().encode_default(dft)


def _or_nothing(value: JsonSchemaValue) -> JsonSchemaValue:
    """A key that may be left out may be left empty as well."""
    kept = {key: value.pop(key) for key in ("description", "default") if value.get(key) is not None}
    value.pop("default", None)
    if "type" in value:  # one schema: what is wrong inside is told of where it is
        types = value["type"] if isinstance(value["type"], list) else [value["type"]]
        return {**kept, **value, "type": [*types, "null"]}
    choices = value["anyOf"] if value.keys() == {"anyOf"} else [value]
    nothing = {"type": "null"}
    return {**kept, "anyOf": choices if nothing in choices else [*choices, nothing]}


def _rhythm(rhythm: Rhythm) -> str:
    return f"cron: {rhythm.line}" if isinstance(rhythm, Cron) else f"every {_duration(rhythm.interval)}"


def _duration(time: timedelta) -> str:
    unit = next(unit for unit, length in _UNITS.items() if not time % length)
    return f"{time // _UNITS[unit]}{unit}"
