"""Pictures embedded as `data:` URLs; each is archived under a URL of its own."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from novel_core.content.pictures import media_type

#: A host that cannot exist (RFC 2606), so that such a URL is never requested.
HOST = "embedded.invalid"
#: The largest picture that is kept, in decoded bytes.
MAX_BYTES = 10 * 2**20


@dataclass(frozen=True, slots=True)
class EmbeddedPicture:
    """A picture found inside a text; `url` names it in the saved HTML, the same for the same bytes."""

    url: str
    media_type: str
    body: bytes


def is_embedded(url: str) -> bool:
    """Whether `url` is that of an embedded picture, which exists only in the archive."""
    return HOST in url and urlsplit(url).hostname == HOST


def embedded_picture(address: str) -> EmbeddedPicture | None:
    """The picture in a `data:` URL; None if it contains none.

    >>> picture = embedded_picture("data:;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=")
    >>> picture.media_type, is_embedded(picture.url)
    ('image/gif', True)
    """
    scheme, _, rest = address.strip().partition(":")
    head, comma, data = rest.partition(",")
    if scheme.lower() != "data" or not comma or len(data) > 2 * MAX_BYTES:
        return None
    body = unquote_to_bytes(data)
    if head.rstrip().lower().endswith("base64"):
        try:
            body = b64decode(body + b"=" * (-len(body) % 4))
        except (binascii.Error, ValueError):
            return None
    kind = media_type(body)
    if kind is None or len(body) > MAX_BYTES:
        return None
    name = hashlib.blake2b(body, digest_size=16).hexdigest()
    suffix = kind.partition("/")[2].removeprefix("x-")
    return EmbeddedPicture(f"https://{HOST}/{name}.{suffix}", kind, body)
