"""Reads a request's body, up to a limit."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

BODY_BYTES: Final = 65_536


async def read_body(request: Request) -> bytes:
    """The whole body; one over the limit ends the request with 413."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise HTTPException(413)
    return body
