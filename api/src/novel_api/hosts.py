"""Which names the API answers to: a page that makes its own name point at this machine must not reach it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from novel_core.errors import HostRefused, OriginRefused

#: Always answered to.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
#: How much of a name that somebody made up is repeated to them.
_SHOWN = 100


class AllowedHosts:
    """The names in Host and Origin headers; ports do not matter.

    >>> AllowedHosts(["novels.example"]).check_host("Novels.example:8000")
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {_bare(name) for name in (*LOOPBACK_NAMES, *names)}

    def check_host(self, header: str) -> None:
        if host_in(header) not in self._names:
            raise HostRefused(f"The API does not answer to the name {_shown(header)!r}.")

    def check_origin(self, header: str) -> None:
        try:
            host = urlsplit(header).hostname or ""
        except ValueError:
            host = ""
        if host not in self._names:
            raise OriginRefused(f"Pages of {_shown(header)!r} may not use the API.")


def _bare(name: str) -> str:
    return name.lower().removeprefix("[").removesuffix("]")


def _shown(name: str) -> str:
    return name[:_SHOWN].encode("ascii", "backslashreplace").decode()


def host_in(header: str) -> str:
    """The name in a Host header, without port and brackets.

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
    """Whether a client's or a server's address is of this machine only.

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
