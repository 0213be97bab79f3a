"""Bodies of answers: read to the end, decoded, and never larger than we take, however they were packed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.telnyx.documents import ANSWER_BOUNDS, Json, Unreadable, plain, read_document

_GZIP_BITS: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Json:
        """Its JSON. Raises Unreadable."""
        if "json" not in (kind := self.headers.get("content-type", "json")).lower():
            raise Unreadable(f"content type {plain(kind, 80)}")
        return read_document(self.body, ANSWER_BOUNDS)


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> bytes:
    """The decoded body. Raises Unreadable as soon as it is more than 2 MiB, packed or unpacked.

    A few packed bytes can be gigabytes, and gigabytes of them can be nothing: blocks that are empty, or what lies
    behind the end of the stream, which the unpacker would keep.
    """
    match encoding.strip().lower():
        case "" | "identity":
            unpack = None
        case "gzip":
            unpack = zlib.decompressobj(_GZIP_BITS)
        case other:
            raise Unreadable(f"content encoding {plain(other, 40)}")
    body, taken = bytearray(), 0
    try:
        async for chunk in chunks:
            taken += len(chunk)
            body += unpack.decompress(chunk, ANSWER_BOUNDS.size + 1 - len(body)) if unpack else chunk
            if max(taken, len(body)) > ANSWER_BOUNDS.size:
                raise Unreadable(f"larger than {ANSWER_BOUNDS.size:,} bytes")
            if unpack and unpack.unused_data:
                raise Unreadable("something behind the gzip stream")
    except zlib.error as error:
        raise Unreadable(f"not gzip: {error}") from None
    if unpack and body and not unpack.eof:
        raise Unreadable("the gzip stream is cut short")
    return bytes(body)
