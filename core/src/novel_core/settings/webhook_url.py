"""The URL and the signing key of webhooks, checked. Imports neither settings nor database."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from novel_core.errors import InvalidUrl
from novel_core.urls import normalize_url

MAX_LENGTH = 2048
#: The mark of a secret that is base64, by the Standard Webhooks convention.
PREFIX = "whsec_"
_HINT = "Give an address like https://example.org/hook"


def checked_target(url: str) -> str:
    """The URL, if messages may be sent there; InvalidUrl otherwise.

    Whether its address is public is checked at each connection.

    >>> checked_target(" https://example.org/hook ")
    'https://example.org/hook'
    """
    url = url.strip()
    if len(url) > MAX_LENGTH:
        raise InvalidUrl(f"A webhook's URL has at most {MAX_LENGTH} characters.", hint=_HINT)
    if not url.isprintable() or " " in url:
        raise InvalidUrl("A webhook's URL has no spaces or control characters.", hint=_HINT)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        url.encode()
    except ValueError as error:
        raise InvalidUrl(f"{url!a} is not a URL.", hint=_HINT) from error
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise InvalidUrl(f"{url} is not an http or https URL.", hint=_HINT)
    # Refuses what cannot be a host's name.
    normalize_url(url)
    if "@" in parts.netloc:
        raise InvalidUrl(
            "A webhook's URL holds no user name or password.",
            hint="Check the message's signature instead: it proves who sent it.",
        )
    return url


def signing_key(secret: str) -> bytes:
    """The key a secret stands for: what follows `whsec_`, decoded; any other text as it is.

    >>> signing_key("whsec_a2V5"), signing_key("key")
    (b'key', b'key')
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        msg = f"what follows {PREFIX} is not base64"
        raise ValueError(msg) from error
