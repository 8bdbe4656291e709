"""The addresses of this machine in its network."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import psutil


def urls_of(host: str, port: int) -> list[str]:
    """The URLs at which other machines reach a server that listens at `host`, a wildcard address.

    >>> all(url.startswith("http://") and url.endswith(":8000") for url in urls_of("0.0.0.0", 8000))
    True
    """
    families = {socket.AF_INET, socket.AF_INET6} if ":" in host else {socket.AF_INET}
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = []
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses if name in up else ():
            if one.family in families:
                parsed = ip_address(one.address.partition("%")[0])
                if not (parsed.is_loopback or parsed.is_link_local):
                    shown = f"[{parsed}]" if parsed.version == 6 else str(parsed)  # noqa: PLR2004
                    found.append(f"http://{shown}:{port}")
    return found
