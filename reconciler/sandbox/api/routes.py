"""The addresses of the API: which of them there are, and who answers."""

from collections.abc import Mapping
from typing import Final

from reconciler.sandbox.api import assignments, bulk, campaigns, deliveries, messaging, numbers, profiles
from reconciler.sandbox.api.replies import Handler, RefusedError, Reply, Request, Routes, error, not_found
from reconciler.sandbox.world import World

ROUTES: Final[Routes] = {
    **assignments.ROUTES,
    **bulk.ROUTES,
    **campaigns.ROUTES,
    **numbers.ROUTES,
    **messaging.ROUTES,
    **profiles.ROUTES,
    **deliveries.ROUTES,
}
"""As OAS writes them, and the legacy path. No campaign can be written or ended: a client has no need to."""


def answer(world: World, request: Request) -> Reply:
    """What the API says. A wrong address is 404 (10005), a wrong method 405."""
    handlers, target = _find(request.path)
    handler = handlers.get(request.method)
    if not handlers:
        return no_such_address()
    if handler is None:
        return method_not_allowed(request)
    try:
        return handler(world, request, target)
    except RefusedError as refused:
        return refused.reply


def no_such_address() -> Reply:
    """404 for an address that is none."""
    return not_found("The requested URL")


def method_not_allowed(request: Request) -> Reply:
    """405 for a method that an address does not answer."""
    return error(405, "10015", "Method not allowed", f"{request.method} is not answered here.")


def _find(path: str) -> tuple[Mapping[str, Handler], str]:
    """Who answers an address, nobody if it is none, and what stands at its placeholder.

    An address without a placeholder goes first.
    """
    if path in ROUTES:
        return ROUTES[path], ""
    parts = path.split("/")
    for route, handlers in ROUTES.items():
        wanted = route.split("/")
        differing = [(want, part) for want, part in zip(wanted, parts, strict=False) if want != part]
        match differing:
            case [(placeholder, target)] if len(wanted) == len(parts) and placeholder.startswith("{") and target:
                return handlers, target
    return {}, ""
