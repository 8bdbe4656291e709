"""Requests that come through a proxy."""

from __future__ import annotations

import httpx
import pytest
from pydantic import ValidationError
from served import Serve, Served
from workbench import quick_settings

SIGNS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "localhost",
    "X-Forwarded-Proto": "https",
    "Forwarded": "for=127.0.0.1",
    "Via": "1.1 proxy",
    "X-Real-IP": "127.0.0.1",
    "CF-Connecting-IP": "192.0.2.1",
}


@pytest.mark.parametrize("name", SIGNS)
def test_without_a_key_nobody_comes_through_a_proxy(api: Served, name: str) -> None:
    for method, path in (("GET", "/jobs"), ("POST", "/ingest"), ("POST", "/jobs/1/cancel")):
        answer = api.client.request(method, path, headers={name: SIGNS[name]})
        assert (answer.status_code, answer.json()["code"]) == (403, "local_only")
        assert "novel keys create" in answer.json()["hint"]
    assert api.client.get("/health", headers={name: SIGNS[name]}).status_code == 200


def test_not_even_through_a_trusted_one(serve: Serve) -> None:
    api = serve(api_trusted_proxies=("127.0.0.1",))
    for address in ("127.0.0.1", "::1", "192.0.2.1"):
        answer = api.client.get("/jobs", headers={"X-Forwarded-For": address})
        assert (answer.status_code, answer.json()["code"]) == (403, "local_only")
    assert api.client.get("/jobs").status_code == 200


def test_with_a_key_everybody_does(api: Served) -> None:
    key = api.key("read")
    assert api.client.get("/jobs", headers=key | SIGNS).status_code == 200


def get(api: Served, address: str) -> httpx.Response:
    return api.client.get("/jobs", headers={"X-Forwarded-For": address})


def test_behind_a_trusted_proxy_each_address_has_its_own_limit(serve: Serve) -> None:
    api = serve(api_rate_limit=3, api_trusted_proxies="127.0.0.0/8, 10.0.0.0/8")
    api.key("read")
    assert [get(api, "192.0.2.1").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert get(api, "192.0.2.2").status_code == 401
    # What a client says of itself is before what the trusted proxies add.
    assert get(api, "192.0.2.3, 192.0.2.1, 10.0.0.1").status_code == 429
    # Of IPv6, an owner has a whole network.
    networks = [get(api, f"2001:db8::{n}").status_code for n in range(4)]
    assert networks == [401, 401, 401, 429]
    assert get(api, "2001:db8:0:1::1").status_code == 401


def test_nobody_else_names_addresses(serve: Serve) -> None:
    api = serve(api_rate_limit=3, api_trusted_proxies=("192.0.2.9",))
    api.key("read")
    answers = [get(api, f"192.0.2.{n}").status_code for n in range(4)]
    assert answers == [401, 401, 401, 429]


@pytest.mark.parametrize("wrong", ["proxy.example", "*", "10.0.0.0/64", "127.0.0.1:80"])
def test_a_trusted_proxy_is_an_address(wrong: str) -> None:
    with pytest.raises(ValidationError, match="api_trusted_proxies"):
        quick_settings(api_trusted_proxies=wrong)
