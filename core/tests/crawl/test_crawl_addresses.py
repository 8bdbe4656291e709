from __future__ import annotations

import socket
from typing import Any

import pytest

from novel_core.crawl.address_check import is_public
from novel_core.errors import AddressRefused
from novel_core.page import Follow
from novel_core.source import PageKind


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_a_public_address_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "192.0.0.8",
        "192.88.99.1",
        "3fff::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_any_other_address_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"]
)
def test_a_private_host_is_refused_by_its_address(world: Any, host: str) -> None:
    world.hosts = ()
    world.domains = (host.strip("[]"),)

    world.site.port = _free_port()
    outcome = world.run(Follow(f"http://{host}:{world.site.port}/", PageKind.INDEX))
    assert isinstance(outcome.error, AddressRefused)
    assert "private" in str(outcome.error)
    assert world.site.hits == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_private_hosts_may_be_allowed(world: Any, host: str) -> None:
    world.hosts = ()
    world.domains = (host,)
    world.settings["allow_private_hosts"] = True
    world.site.port = _free_port()
    world.site.put(f"{host}:{world.site.port}/", "text")
    outcome = world.run(Follow(f"http://{host}:{world.site.port}/", PageKind.INDEX))
    assert (outcome.error, outcome.counts.pages) == (None, 1)


def test_a_proxy_of_the_environment_is_ignored(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    world.hosts = ()
    world.domains = ("127.0.0.1",)
    world.settings["allow_private_hosts"] = True
    world.site.port = _free_port()
    world.site.put(f"127.0.0.1:{world.site.port}/", "text")
    assert world.run(Follow(f"http://127.0.0.1:{world.site.port}/", PageKind.INDEX)).error is None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
