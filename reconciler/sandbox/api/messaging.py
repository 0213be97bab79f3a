"""/phone_numbers/messaging and /phone_numbers/{id}/messaging: which messaging profile a number is on."""

from collections.abc import Mapping
from typing import Final

from reconciler.sandbox.account import PhoneNumber
from reconciler.sandbox.api.numbers import Passes, named, passing, texts
from reconciler.sandbox.api.pages import data_page
from reconciler.sandbox.api.replies import (
    RefusedError,
    Reply,
    Request,
    Routes,
    bad_request,
    enveloped,
    unprocessable,
    zoned,
)
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.world import World

FILTERS: Final[Mapping[str, Passes]] = {
    "filter[messaging_profile_id]": lambda number, text: number.messaging_profile_id == text,
    "filter[phone_number]": lambda number, text: number.number in text.split(","),
    "filter[phone_number][contains]": lambda number, text: text in number.number,
    "filter[type]": lambda number, text: number.messaging_type == text,
}
"""What each filter lets pass (OAS; the comma is the SDK's). Any other is ignored."""


def list_settings(world: World, request: Request, _: str) -> Reply:
    """A page of those that pass the filters, newest first or by `sort[phone_number]`."""
    found = passing(world, request.query, FILTERS)
    match request.query.get("sort[phone_number]"):
        case None:
            found.sort(key=lambda number: number.created_at, reverse=True)
        case "asc" | "desc" as order:
            found.sort(key=lambda number: number.number, reverse=order == "desc")
        case _:
            raise RefusedError(unprocessable("sort[phone_number]", "is asc or desc"))
    return data_page(found, request.query, settings_record)


def get_settings(world: World, _: Request, number_or_id: str) -> Reply:
    """One number's, by its id or by its number."""
    return enveloped(settings_record(named(world, number_or_id)))


def change_settings(world: World, request: Request, number_or_id: str) -> Reply:
    """PATCH: its messaging profile ("" takes it off, null leaves it: OAS) and its tags.

    A profile that is not there is refused; with which code is not published.
    """
    number = named(world, number_or_id)
    fields = request.fields()
    tags = None if fields.get("tags") is None else texts("tags", fields["tags"])
    if (profile := fields.get("messaging_profile_id")) is not None:
        if profile != "" and (not isinstance(profile, str) or profile not in world.profiles()):
            raise RefusedError(bad_request(f"messaging_profile_id: there is no messaging profile {profile}."))
        number = world.put_on_profile(number.number, profile or None, request.now)
    if tags is not None:
        number = world.tag_number(number.number, tags, request.now)
    return enveloped(settings_record(number))


ROUTES: Final[Routes] = {
    "/phone_numbers/messaging": {"GET": list_settings},
    "/phone_numbers/{id}/messaging": {"GET": get_settings, "PATCH": change_settings},
}


def settings_record(number: PhoneNumber) -> JsonObject:
    """A PhoneNumberWithMessagingSettings."""
    return {
        "record_type": "messaging_settings",
        "id": number.number_id,
        "phone_number": number.number,
        "messaging_profile_id": number.messaging_profile_id,
        "type": number.messaging_type,
        "country_code": number.country,
        "tags": list(number.tags),
        "messaging_product": "A2P",
        "traffic_type": "A2P",
        "eligible_messaging_products": ["A2P"],
        "features": {
            "mms": None,
            "sms": {"domestic_two_way": True, "international_inbound": True, "international_outbound": True},
        },
        "health": {"message_count": 0, "inbound_outbound_ratio": 0.0, "success_ratio": 0.0, "spam_ratio": 0.0},
        "created_at": zoned(number.created_at),
        "updated_at": zoned(number.updated_at),
    }
