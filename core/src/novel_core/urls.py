"""Taking a URL as people paste it, and refusing what is none."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from novel_core.errors import InvalidUrl

MAX_LENGTH = 2048
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalize_url(text: str) -> str:
    """The URL in one form: http or https, lower-case host, no credentials, no default port, no fragment.

    >>> normalize_url("  WWW.RoyalRoad.com/fiction/7#toc ")
    'https://www.royalroad.com/fiction/7'

    Raises InvalidUrl, in one line, for anything else.
    """
    url = text.strip()
    if not url:
        raise InvalidUrl("The URL is empty.")
    if len(url) > MAX_LENGTH:
        raise InvalidUrl(
            f"The URL is {len(url):,} characters long; at most {MAX_LENGTH:,} are accepted."
        )
    if _FORBIDDEN.search(url):
        raise InvalidUrl("The URL contains spaces or control characters.")
    parts = _split(_with_scheme(url))
    host = _host(parts)
    port = _port(parts)
    netloc = host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{netloc}{parts.path or '/'}{query}"


def host_of(url: str) -> str:
    """The host of a normalised URL, without its port.

    >>> host_of("https://www.royalroad.com/fiction/7")
    'www.royalroad.com'
    """
    return urlsplit(url).hostname or ""


def _with_scheme(url: str) -> str:
    if url.startswith("//"):
        return f"https:{url}"
    found = _SCHEME.match(url)
    if found is None:
        return f"https://{url}"
    scheme = found.group(1).lower()
    if scheme in _DEFAULT_PORTS:
        return url
    if "." in scheme and not url.startswith(f"{found.group(1)}://"):
        return f"https://{url}"  # a host and a port: example.org:8000/…
    raise InvalidUrl(f"{scheme}: addresses are not supported, only http and https.")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidUrl(f"This is not a URL: {error}.") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise InvalidUrl("This is not a URL: it names no host.")
    if "@" in parts.netloc:
        raise InvalidUrl(
            "The URL carries a user name or password.", hint="Remove what stands before the @ sign."
        )
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidUrl("The URL's port is not a number from 1 to 65535.") from error
    if port == 0:
        raise InvalidUrl("The URL's port is not a number from 1 to 65535.")
    return port


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.netloc.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError as error:
            raise InvalidUrl("The URL's host is not a valid address.") from error
    if not host.isascii():
        host = _to_ascii(host)
    labels = host.split(".")
    if not host or not all(_LABEL.match(label) for label in labels):
        raise InvalidUrl("This is not a URL: its host is not a valid name.")
    if len(labels) == 1 and host != "localhost":
        raise InvalidUrl("This is not a URL: its host has no domain, such as .com.")
    return host


def _to_ascii(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidUrl("This is not a URL: its host is not a valid name.") from error
