"""Allowed Host and Origin headers: protection from DNS rebinding and from pages of other sites."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from novel_api.errors import HostRefused, OriginRefused

#: Names that are always allowed.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
#: Listen addresses that mean every address of the machine.
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not listened at
#: Characters of the client's own text that a message repeats.
_SHOWN = 100
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class AllowedHosts:
    """The names in Host and Origin headers.

    The port of a Host does not matter. With a wildcard among the names any IP address is allowed:
    DNS rebinding needs a name. An Origin must be the request's own host with its port, or one of
    the names with its port.

    >>> hosts = AllowedHosts(["novels.example", "localhost:5173"])
    >>> hosts.check_host("Novels.example:8000")
    >>> hosts.check_origin("http://localhost:8000", "localhost:8000")
    >>> hosts.check_origin("http://localhost:5173", "localhost:8000")
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        given = [_split(name) for name in names]
        self._names = {*LOOPBACK_NAMES, *(name for name, _ in given)}
        self._origins = set(given)
        self._any_address = not WILDCARDS.isdisjoint(self._names)

    @property
    def has_public_names(self) -> bool:
        """Whether a name is not of this machine only."""
        return not all(is_loopback(name) for name in self._names)

    def check_host(self, header: str) -> None:
        name = host_in(header)
        if name not in self._names and not (self._any_address and _is_address(name)):
            raise HostRefused(f"The API does not answer to the name {_shown(header)!r}.")

    def check_origin(self, header: str, host: str) -> None:
        """OriginRefused unless the Origin is allowed; `host` is the request's Host header."""
        try:
            scheme, _, place = header.lower().partition("://")
            origin = _split(urlsplit(header).netloc, _DEFAULT_PORTS[scheme])
        except (ValueError, KeyError):
            origin = None
        own = {_split(host, port) for port in _DEFAULT_PORTS.values()}
        if origin is None or not place or origin not in own | self._origins:
            raise OriginRefused(f"Pages of {_shown(header)!r} may not use the API.")


def _split(place: str, default_port: str = "") -> tuple[str, str]:
    """Return name and port; the port is empty if it is the default one.

    >>> _split("[::1]:8000"), _split("::1"), _split("a.example:443", "443")
    (('::1', '8000'), ('::1', ''), ('a.example', ''))
    """
    name, separator, port = place.lower().rpartition(":")
    if not separator or ("]" in port or (":" in name and not name.endswith("]"))):
        name, port = place.lower(), ""
    return name.removeprefix("[").removesuffix("]"), "" if port == default_port else port


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _shown(name: str) -> str:
    return name[:_SHOWN].encode("ascii", "backslashreplace").decode()


def host_in(header: str) -> str:
    """Return the name in a Host header, without port and brackets.

    >>> host_in("[::1]:8000"), host_in("LOCALHOST:80"), host_in("a.example")
    ('::1', 'localhost', 'a.example')
    >>> host_in("[::1")
    ''
    """
    if header.startswith("["):
        name, closed, port = header[1:].partition("]")
        if not closed:
            return ""
        port = port.removeprefix(":")
    else:
        name, _, port = header.partition(":")
    return name.lower() if not port or port.isdecimal() else ""


def is_loopback(address: str | None) -> bool:
    """Whether an address is a loopback address.

    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if address is None:
        return False
    if address == "localhost":
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
