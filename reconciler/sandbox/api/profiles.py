"""/messaging_profiles: what numbers send by, and which numbers are on which."""

from typing import Final

from reconciler.sandbox.account import Profile
from reconciler.sandbox.api.messaging import settings_record
from reconciler.sandbox.api.pages import data_page
from reconciler.sandbox.api.replies import (
    RefusedError,
    Reply,
    Request,
    Routes,
    bad_request,
    enveloped,
    not_found,
    zoned,
)
from reconciler.sandbox.events import JsonObject
from reconciler.sandbox.world import World

POOL_FIELDS: Final = {"toll_free_weight", "long_code_weight", "skip_unhealthy"}
"""What `number_pool_settings` must have (OAS)."""


def list_profiles(world: World, request: Request, _: str) -> Reply:
    """A page of those whose names pass the filters, newest first."""
    whole = request.query.get("filter[name][eq]", request.query.get("filter[name]"))
    part = request.query.get("filter[name][contains]", "")
    found = [one for one in world.profiles().values() if whole in {None, one.name} and part in one.name]
    found.sort(key=lambda profile: profile.created_at, reverse=True)
    return data_page(found, request.query, profile_record)


def get_profile(world: World, _: Request, profile_id: str) -> Reply:
    """One, with its secret: a client must not show it."""
    return enveloped(profile_record(_named(world, profile_id)))


def change_profile(world: World, request: Request, profile_id: str) -> Reply:
    """PATCH: its name and its number pool; `"number_pool_settings": null` ends the pool (OAS), `{}` is refused.

    The other fields are taken and not kept.
    """
    profile = _named(world, profile_id)
    fields = request.fields()
    name, settings = fields.get("name", profile.name), fields.get("number_pool_settings", profile.number_pool_settings)
    if not isinstance(name, str) or not name:
        raise RefusedError(bad_request("name is a text."))
    if settings is not None and not (isinstance(settings, dict) and settings.keys() >= POOL_FIELDS):
        raise RefusedError(bad_request(f"number_pool_settings is null, or has {', '.join(sorted(POOL_FIELDS))}."))
    changed = world.change_profile(profile_id, name=name, number_pool_settings=settings, now=request.now)
    return enveloped(profile_record(changed))


def list_numbers(world: World, request: Request, profile_id: str) -> Reply:
    """A page of the numbers on it, newest first."""
    _named(world, profile_id)
    found = [one for one in world.numbers().values() if one.messaging_profile_id == profile_id]
    found.sort(key=lambda number: number.created_at, reverse=True)
    return data_page(found, request.query, settings_record)


ROUTES: Final[Routes] = {
    "/messaging_profiles": {"GET": list_profiles},
    "/messaging_profiles/{id}": {"GET": get_profile, "PATCH": change_profile},
    "/messaging_profiles/{id}/phone_numbers": {"GET": list_numbers},
}


def profile_record(profile: Profile) -> JsonObject:
    """A MessagingProfile."""
    pool = profile.number_pool_settings
    return {
        "record_type": "messaging_profile",
        "id": profile.profile_id,
        "name": profile.name,
        "enabled": True,
        "number_pool_settings": None if pool is None else {"sticky_sender": False, "geomatch": False, **pool},
        "v1_secret": f"v1-secret-of-{profile.profile_id}",
        "created_at": zoned(profile.created_at),
        "updated_at": zoned(profile.updated_at),
        "daily_spend_limit": "100.00",
        "daily_spend_limit_enabled": False,
        "health_webhook_url": None,
        "mms_fall_back_to_sms": False,
        "mms_transcoding": False,
        "mobile_only": False,
        "redaction_enabled": False,
        "redaction_level": 2,
        "url_shortener_settings": {
            "domain": "sandbox.example",
            "prefix": "",
            "replace_blacklist_only": True,
            "send_webhooks": False,
        },
        "webhook_api_version": "2",
        "webhook_url": "https://sandbox.example/hooks",
        "webhook_failover_url": "https://sandbox.example/failover-hooks",
        "whitelisted_destinations": ["US"],
    }


def _named(world: World, profile_id: str) -> Profile:
    profile = world.profiles().get(profile_id)
    if profile is None:
        raise RefusedError(not_found(f"Messaging profile {profile_id}"))
    return profile
