"""The digests WARC records carry: `sha1:` and base 32 most often, `sha256:` and hexadecimal in newer files."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Protocol

#: Anything else cannot be checked, and is taken as no digest at all.
KNOWN = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def label(data: bytes) -> str:
    """What our own files carry.

    >>> label(b"")[:20]
    'sha256:e3b0c44298fc1'
    """
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def hasher(labelled: str | None) -> Hash | None:
    """A hash to compare with `labelled` afterwards; None where there is nothing to compare with."""
    name = (labelled or "").partition(":")[0].lower().replace("-", "")
    return hashlib.new(name, usedforsecurity=False) if name in KNOWN else None


def is_digest(labelled: str, digest: bytes) -> bool:
    """Whether the label's value is this digest, in hexadecimal, base 32 or base 64.

    >>> is_digest("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", hashlib.sha1(b"").digest())
    True
    """
    value = labelled.partition(":")[2].strip()
    return digest in (
        _decoded(base64.b16decode, value.upper()),
        _decoded(base64.b32decode, _padded(value.upper(), 8)),
        _decoded(base64.b64decode, _padded(value.replace("-", "+").replace("_", "/"), 4)),
    )


def _padded(value: str, block: int) -> str:
    bare = value.rstrip("=")
    return bare + "=" * (-len(bare) % block)


def _decoded(decode: object, value: str) -> bytes | None:
    try:
        decoded: bytes = decode(value)  # type: ignore[operator]
    except (binascii.Error, ValueError):
        return None
    return decoded
