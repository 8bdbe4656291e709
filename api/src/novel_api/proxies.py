"""Proxies in front of the API: their headers, and the senders of requests."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

_SIGNS = frozenset(
    {
        b"cdn-loop",
        b"cf-connecting-ip",
        b"fly-client-ip",
        b"forwarded",
        b"true-client-ip",
        b"via",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-original-forwarded-for",
        b"x-original-host",
        b"x-real-ip",
    }
)
_FAMILY = b"x-forwarded-"
#: Bits of an IPv6 address that identify a network; its owner chooses the others freely.
_NETWORK = 64


def is_sign(header: bytes) -> bool:
    """Whether only proxies send this header.

    >>> is_sign(b"x-forwarded-for"), is_sign(b"via"), is_sign(b"accept")
    (True, True, False)
    """
    return header in _SIGNS or header.startswith(_FAMILY)


def sender_of(address: str | None) -> str:
    """Return the sender that a client's address counts for: an IPv6 network, or the address.

    >>> sender_of("192.0.2.1"), sender_of("2001:db8::1:2:3:4"), sender_of(None)
    ('address 192.0.2.1', 'address 2001:db8::', 'address None')
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return f"address {address}"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        rest = 128 - _NETWORK
        parsed = IPv6Address(int(parsed) >> rest << rest)
    return f"address {parsed}"
