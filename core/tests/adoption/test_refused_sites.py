"""Sites that cannot be added, each with the right words; nothing more is requested than needed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from adopting import Adopting, machine
from chronicles import BASE, HOST, NOVEL, Chronicles, ChronicleSite, chapters
from sqlalchemy import Engine

from novel_core import Evidence, Page, Recognition, Refusal, RefusedHost, Site
from novel_core.errors import (
    AddressRefused,
    NovelError,
    SiteKnown,
    SiteRefused,
    UnsupportedUrl,
)

HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("http://127.0.0.1/novel/7", AddressRefused, "private address"),
        ("http://[::1]/novel/7", AddressRefused, "private address"),
        ("http://localhost/novel/7", AddressRefused, "private address"),
        ("http://10.0.0.8/novel/7", AddressRefused, "private address"),
        ("http://169.254.169.254/latest", AddressRefused, "private address"),
        (f"{BASE}:8080/novel/7", AddressRefused, "port 8080"),
        ("https://closed.example/novel/7", SiteRefused, "admits browsers only"),
        ("https://a.copies.example/novel/7", SiteRefused, "texts of other people"),
        ("https://shipped.example/novel/7", SiteKnown, "read already, as shipped"),
    ],
)
def test_what_is_refused_before_any_request(
    database: Engine, site: ChronicleSite, url: str, error: type[NovelError], words: str
) -> None:
    refused = (
        RefusedHost("closed.example", Refusal.CHALLENGE),
        RefusedHost("*.copies.example", Refusal.COPIES),
    )
    shipped = (Site("shipped", "chronicle", "https://shipped.example", evidence=Evidence.SEEN),)
    bench = machine(database, site, Chronicles(sites=shipped, refused=refused))
    with pytest.raises(error, match=words):
        bench.ask(url, yes=True)
    assert site.requests == []


def test_a_name_that_rebinds_is_refused_on_the_connection(
    database: Engine, site: ChronicleSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first answer is public, and the one that is connected to is not."""

    async def resolve(_: Any, host: str, port: int = 0, family: Any = None) -> list[Any]:
        address = {"hostname": host, "host": "127.0.0.1", "port": port}
        return [address | {"family": socket.AF_INET, "proto": 0, "flags": 0}]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
    bench = machine(database, site, host_map={})
    adoption = bench.adopt("http://rebinding.example/novel/7")
    assert adoption.job.error_code == "address_refused"
    assert "rebinding.example has a private address" in (adoption.job.error_message or "")
    assert site.requests == []


def test_without_a_family_nothing_can_be_added(database: Engine, site: ChronicleSite) -> None:
    bench = machine(database, site)
    bench.runtime.registry.families.clear()
    with pytest.raises(UnsupportedUrl, match="No family of sites is installed"):
        bench.ask(NOVEL)


def other(page: Page) -> Recognition | None:
    return Recognition(0.9, f"https://{HOST}")


def broken(page: Page) -> Recognition | None:
    raise KeyError(page.url)


def answer(status: int, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    return status, HTML | headers, body


CHALLENGE = answer(403, "<html>Just a moment", **{"cf-mitigated": "challenge"})
#: What the site shows -> the error's code, words of it, and the most requests.
FAULTS: dict[str, tuple[dict[str, Any], str, str, int]] = {
    "challenge": ({"answers": {"/novel/7": CHALLENGE}}, "blocked", "challenge for browsers", 1),
    "gone": ({"answers": {"/novel/7": answer(404)}}, "not_found", "does not exist", 1),
    "members": ({"answers": {"/novel/7": answer(401)}}, "login_required", "for members only", 1),
    "other software": ({"head": ""}, "not_recognised", "is no page of Chronicle", 1),
    "robots closes all": ({"robots": "User-agent: *\nDisallow: /"}, "blocked", "robots.txt of", 0),
    "robots closes chapters": (
        {"robots": "User-agent: *\nDisallow: /novel/7/"},
        "proof_failed",
        "None of the chapters that were requested has a text. robots.txt of",
        1,
    ),
    "robots closes the list": (
        {"robots": "User-agent: *\nDisallow: /novel/7?page", "per_page": 5},
        "blocked",
        "robots.txt of chronicle.example forbids https://chronicle.example/novel/7?page=2",
        1,
    ),
    "cut": (
        {"answers": {"/novel/7": answer(200, "<meta name=generator content=Chronicle>")}},
        "page_broken",
        "cut off",
        3,
    ),
    "down": ({"answers": {"/novel/7": answer(503)}}, "site_unavailable", "status 503", 2),
    "challenge for chapters": (
        {"answers": {"/novel/7/1": CHALLENGE}},
        "blocked",
        "challenge for browsers",
        2,
    ),
    "no title": ({"title": ""}, "page_changed", "title '' cannot be read", 1),
    "no chapters": ({"chapters": [], "stated": 12}, "proof_failed", "No chapter was found", 1),
    "empty texts": (
        {"chapters": [one | {"text": ""} for one in chapters(3)]},
        "proof_failed",
        "None of the chapters",
        4,
    ),
    "same text": (
        {"chapters": [one | {"text": "<p>Please log in to read"} for one in chapters(3)]},
        "proof_failed",
        "have the same text",
        4,
    ),
    "all locked": (
        {"chapters": [one | {"access": "locked"} for one in chapters(3)]},
        "proof_failed",
        "all of them are locked",
        1,
    ),
    "no novel's address": ({}, "unsupported_url", "neither a novel nor a chapter", 1),
    "other port": (
        {"answers": {"/novel/7": answer(302, Location=f"{BASE}:8443/novel/7")}},
        "address_refused",
        "port 8443",
        1,
    ),
    "loop": (
        {"answers": {"/novel/7": answer(302, Location="/novel/7")}},
        "requests_spent",
        "as many requests as are allowed",
        2,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_site_that_cannot_be_proved(site: ChronicleSite, bench: Adopting, fault: str) -> None:
    changes, code, words, most = FAULTS[fault]
    site.change(**changes)
    adoption = bench.adopt(f"{BASE}/about" if fault == "no novel's address" else NOVEL, yes=True)
    assert adoption.job.error_code == code
    assert words in (adoption.job.error_message or "")
    assert adoption.job.error_hint
    assert len(site.paths(pages_only=True)) <= most
    assert (adoption.site, bench.sites()) == (None, [])


@pytest.mark.parametrize(
    ("recognise", "outcome"),
    [(other, "usage"), (broken, "done"), (None, "done")],
    ids=["a tie", "a broken one", "a surer one"],
)
def test_several_families(
    database: Engine,
    site: ChronicleSite,
    recognise: Callable[[Page], Recognition | None] | None,
    outcome: str,
) -> None:
    """The surest wins; one that fails takes down nobody; a tie is the user's to decide."""
    recognise = recognise or (lambda page: Recognition(0.3, f"https://{HOST}"))
    bench = machine(database, site, Chronicles(), Chronicles("annals", recognise=recognise))
    adoption = bench.adopt(NOVEL)
    if outcome == "done":
        assert adoption.report is not None
        assert (adoption.job.status, adoption.report.site.family) == ("done", "chronicle")
        return
    assert adoption.job.error_code == "ambiguous_url"
    assert "Annals (annals) and Chronicle (chronicle)" in (adoption.job.error_message or "")
    assert "--family" in (adoption.job.error_hint or "")
    chosen = bench.adopt(NOVEL, family="annals")
    assert chosen.report is not None
    assert chosen.report.site.family == "annals"
    with pytest.raises(UnsupportedUrl, match="There is no family 'diary'"):
        bench.ask(NOVEL, family="diary")


#: What sends to another host, and the words in which it is shown.
ELSEWHERE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a redirect": (
        {"answers": {f"{HOST}/novel/7": answer(301, Location="https://moved.example/novel/7")}},
        "moved.example",
        "redirects to another host",
    ),
    "the site's address": (
        {
            "head": "<meta name=generator content='Chronicle 3'><link rel=home href=https://moved.example>"
        },
        "moved.example",
        "says that its site is https://moved.example",
    ),
    "an API": (
        {
            "head": "<meta name=generator content='Chronicle 3'><link rel=api href=https://api.example/v1>"
        },
        "api.example",
        "is read from further hosts",
    ),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_another_host_is_shown_and_confirmed(
    site: ChronicleSite, bench: Adopting, case: str
) -> None:
    changes, host, words = ELSEWHERE[case]
    site.change(**changes)
    shown = bench.adopt(NOVEL)
    assert (shown.job.error_code, shown.unconfirmed) == ("hosts_unconfirmed", (host,))
    assert words in (shown.job.error_message or "")
    assert {request.host for request in site.requests} == {HOST}
    # Another host than the one that was shown is no confirmation.
    assert bench.adopt(NOVEL, hosts=("other.example",)).unconfirmed == (host,)
    assert {request.host for request in site.requests} == {HOST}
    site.clear()
    confirmed = bench.adopt(NOVEL, hosts=(host,))
    assert (confirmed.job.status, confirmed.job.error_message) == ("done", None)
    assert confirmed.report is not None
    assert host in confirmed.report.hosts
    assert len(site.paths(pages_only=True)) <= 8


def test_a_confirmed_host_is_checked_as_the_given_one_is(
    database: Engine, site: ChronicleSite
) -> None:
    refused = (RefusedHost("api.example", Refusal.PAYMENT),)
    bench = machine(database, site, Chronicles(refused=refused))
    site.change(**ELSEWHERE["an API"][0])
    adoption = bench.adopt(NOVEL, yes=True)
    assert adoption.job.error_code == "site_refused"
    assert "members who pay" in (adoption.job.error_message or "")
