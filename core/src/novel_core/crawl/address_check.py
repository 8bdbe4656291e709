"""The address check: connections go to public addresses only.

The address of the connection itself is checked, so IP literals and changing DNS answers cannot
bypass it.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

_NAT64 = IPv6Network("64:ff9b::/96")
#: Retired (RFC 7526); wraps any IPv4 address. Python versions differ on whether it is global.
_6TO4 = IPv6Network("2002::/16")
#: Special-purpose networks (RFC 6890, 7526, 9637) that not every Python version knows.
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
)


class RefusedAddress(OSError):
    """An OSError, so that another, public address of the host is tried next."""

    def __init__(self) -> None:
        # One text for all addresses: connecting reports several failures as one when they read the
        # same.
        super().__init__("the address is private")


def is_public(address: str) -> bool:
    """Whether an IP address, as a socket names it, belongs to the public Internet.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    return all(
        part.is_global
        and not part.is_multicast
        and not part.is_unspecified
        and not getattr(part, "is_site_local", False)
        and not (isinstance(part, IPv6Address) and part in _6TO4)
        and not any(part.version == net.version and part in net for net in _SPECIAL)
        and (not part.is_reserved or _is_nat64(part))
        for part in _embedded(ip_address(address))
    )


def public_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """A socket for a public address (a `socket_factory` of aiohttp)."""
    family, kind, protocol, _, address = address_info
    if not is_public(address[0]):
        raise RefusedAddress
    return socket.socket(family=family, type=kind, proto=protocol)


def _is_nat64(address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv6Address) and address in _NAT64


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The addresses that packets to `address` may end at: itself, and IPv4 addresses wrapped in it."""
    if not isinstance(address, IPv6Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    found: list[IPv4Address | IPv6Address] = [address]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return found
