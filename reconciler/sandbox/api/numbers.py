"""/phone_numbers: the numbers of the account, as the numbers API has them."""

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.sandbox.account import PhoneNumber
from reconciler.sandbox.api.pages import data_page
from reconciler.sandbox.api.replies import (
    RefusedError,
    Reply,
    Request,
    Routes,
    bad_request,
    enveloped,
    not_found,
    unprocessable,
    zoned,
)
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.world import World

Passes = Callable[[PhoneNumber, str], bool]

FILTERS: Final[Mapping[str, Passes]] = {
    "filter[tag]": lambda number, text: text in number.tags,
    "filter[without_tags]": lambda number, text: text != "true" or not number.tags,
    "filter[status]": lambda number, text: number.status == text,
    "filter[phone_number]": lambda number, text: text.isdecimal() and text in number.number,
    "filter[country_iso_alpha2]": lambda number, text: number.country in text.split(","),
    "filter[number_type][eq]": lambda number, text: number.phone_number_type == text,
}
"""What each filter lets pass (OAS). Any other is ignored.

`filter[phone_number]` is a part of the number; with anything but digits in it, such as a `+`, nothing passes.
"""
FEWEST_DIGITS: Final = 3
SORTS: Final[Mapping[str, Callable[[PhoneNumber], str | float]]] = {
    "purchased_at": lambda number: number.created_at,
    "phone_number": lambda number: number.number,
    "connection_name": lambda _: "",
    "usage_payment_method": lambda _: "",
}


def list_numbers(world: World, request: Request, _: str) -> Reply:
    """A page of those that pass the filters, newest first or by `sort`."""
    if len(request.query.get("filter[phone_number]", "000")) < FEWEST_DIGITS:
        raise RefusedError(unprocessable("filter[phone_number]", "requires at least three digits"))
    found = passing(world, request.query, FILTERS)
    match request.query.get("sort"):
        case None:
            found.sort(key=lambda number: number.created_at, reverse=True)
        case sort if sort in SORTS:
            found.sort(key=SORTS[sort])
        case _:
            raise RefusedError(unprocessable("sort", "is not a sort order"))
    return data_page(found, request.query, lambda number: number_record(world, number))


def get_number(world: World, _: Request, number_or_id: str) -> Reply:
    """One, by its id or by its number."""
    return enveloped(number_record(world, named(world, number_or_id)))


def change_number(world: World, request: Request, number_or_id: str) -> Reply:
    """PATCH: its tags. Of `messaging_profile_id` it knows nothing and says nothing, whatever the docs show (OAS)."""
    number = named(world, number_or_id)
    tags = request.fields().get("tags")
    if tags is not None:
        number = world.tag_number(number.number, texts("tags", tags), request.now)
    return enveloped(number_record(world, number))


ROUTES: Final[Routes] = {
    "/phone_numbers": {"GET": list_numbers},
    "/phone_numbers/{id}": {"GET": get_number, "PATCH": change_number},
}


def passing(world: World, query: Mapping[str, str], filters: Mapping[str, Passes]) -> list[PhoneNumber]:
    """The numbers that pass every filter of the query."""
    asked = [(passes, query[name]) for name, passes in filters.items() if name in query]
    return [number for number in world.numbers().values() if all(passes(number, text) for passes, text in asked)]


def named(world: World, number_or_id: str) -> PhoneNumber:
    """The number that an address names; 404 if there is none."""
    try:
        return world.number(number_or_id)
    except LookupError:
        raise RefusedError(not_found(f"Phone number {number_or_id}")) from None


def texts(name: str, value: object) -> tuple[str, ...]:
    """A field that is a list of texts; anything else is refused."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RefusedError(bad_request(f"{name} is a list of texts."))
    return tuple(value)


def number_record(world: World, number: PhoneNumber) -> JsonObject:
    """A PhoneNumberDetailed."""
    profile = None if number.messaging_profile_id is None else world.profile(number.messaging_profile_id)
    return {
        "record_type": "phone_number",
        "id": number.number_id,
        "phone_number": number.number,
        "phone_number_type": number.phone_number_type,
        "country_iso_alpha2": number.country,
        "status": number.status,
        "tags": list(number.tags),
        "messaging_profile_id": number.messaging_profile_id,
        "messaging_profile_name": None if profile is None else profile.name,
        "created_at": zoned(number.created_at),
        "updated_at": zoned(number.updated_at),
        "purchased_at": zoned(number.created_at),
        "activated_at": zoned(number.created_at),
        **_NOT_OF_MESSAGING,
    }


_NOT_OF_MESSAGING: Final[JsonObject] = {
    "billing_group_id": "86f58db9-0000-4000-8000-000000000000",
    "call_forwarding_enabled": False,
    "call_recording_enabled": False,
    "caller_id_name_enabled": False,
    "cnam_listing_enabled": False,
    "connection_id": "1293384261075731499",
    "connection_name": "sandbox",
    "customer_reference": "sandbox",
    "deletion_lock_enabled": False,
    "emergency_address_id": "1315261609962112019",
    "emergency_enabled": False,
    "emergency_status": "disabled",
    "external_pin": "1234",
    "hd_voice_enabled": False,
    "inbound_call_screening": "disabled",
    "source_type": "number_order",
    "t38_fax_gateway_enabled": False,
}
