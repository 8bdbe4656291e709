"""`sites.toml`: the sites that a package ships, and errors that say what to correct."""

import pytest

from novel_core.errors import InvalidUrl, PluginError
from novel_core.plugin import Evidence, Refusal, RefusedHost, Site
from novel_core.sites.addresses import base_address, further_names, site_name
from novel_core.sites.shipped import read_refused_hosts, read_sites

HEAD = 'family = "forums"\n'
SITE = '[[sites]]\nbase_url = "https://one.example/"\n'


def problem(text: str) -> str:
    with pytest.raises(PluginError) as caught:
        read_sites(text)
    return caught.value.message


def test_every_field_is_read() -> None:
    text = """
family = "forums"
[[sites]]
name = "one"
base_url = "HTTPS://One.Example:443/forum/"
title = "One"
language = "pt-BR"
time_zone = "America/Sao_Paulo"
rate_group = "example"
evidence = "seen"
[sites.options]
reader = true
labels = ["a", "b"]
[[sites]]
base_url = "http://two.example:8080"
"""
    assert read_sites(text) == (
        Site(
            "one",
            "forums",
            "https://one.example/forum",
            title="One",
            language="pt-BR",
            time_zone="America/Sao_Paulo",
            rate_group="example",
            options={"reader": True, "labels": ["a", "b"]},
            evidence=Evidence.SEEN,
        ),
        Site("two-example-8080", "forums", "http://two.example:8080"),
    )


def test_a_family_may_ship_no_site() -> None:
    assert read_sites(HEAD) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("family = ", "sites.toml is not valid TOML: Invalid value (at end of document)"),
        (SITE, "sites.toml: family: None is not a name"),
        (HEAD + "site = 1\n", "there is no field site, did you mean sites?"),
        (HEAD + 'sites = "https://one.example"\n', "write [[sites]] above each site"),
        (HEAD + "sites = [1]\n", "site 1, it is 1, not a table"),
        (HEAD + '[[sites]]\nname = "one"\n', "site 1 (one), base_url is missing"),
        (
            HEAD + SITE + 'titel = "One"\n',
            "site 1 (https://one.example/), there is no field titel, did you mean title?",
        ),
        (HEAD + SITE + "zzz = 1\n", "there is no field zzz; the fields are name, base_url, title"),
        (HEAD + SITE + "title = 5\n", "title: 5 is not a text"),
        (HEAD + SITE + 'name = "One!"\n', "name: 'One!' is not a name"),
        (HEAD + SITE + 'language = "english"\n', "language: 'english' is not a language tag"),
        (HEAD + SITE + 'time_zone = "Paris"\n', "time_zone: 'Paris' is not a time zone"),
        (HEAD + SITE + 'time_zone = "Europe"\n', "time_zone: 'Europe' is not a time zone"),
        (HEAD + SITE + 'time_zone = "../etc"\n', "time_zone: '../etc' is not a time zone"),
        (HEAD + SITE + 'evidence = "sure"\n', "evidence: 'sure' is none of seen, documented, unv"),
        (HEAD + SITE + "evidence = [1]\n", "evidence: [1] is none of seen, documented, unverified"),
        (HEAD + SITE + "options = 1\n", "options: 1 is not a table"),
        (HEAD + SITE + "options.since = 2026-01-01\n", "options: they are kept as JSON, and"),
        (HEAD + SITE + "options.rate = nan\n", "options: they are kept as JSON, and"),
        (HEAD + '[[sites]]\nbase_url = "https://"\n', "base_url: The address “https://” names no"),
        (HEAD + "[[sites]]\nbase_url = 1\n", "base_url: 1 is not a text"),
        (HEAD + '[[sites]]\nbase_url = "https://one.example/?a"\n', "has a query"),
        (
            HEAD + SITE + SITE.replace("https", "http") + 'name = "two"\n',
            "sites.toml: base_url one.example is used 2 times.",
        ),
        (
            HEAD + SITE + SITE.replace("one.", "two.") + 'name = "one-example"\n',
            "sites.toml: name one-example is used 2 times.",
        ),
    ],
)
def test_an_error_names_the_entry_and_the_field(text: str, told: str) -> None:
    assert told in problem(text)


def test_all_problems_are_told_at_once() -> None:
    told = problem(HEAD + SITE + "title = 5\n" + SITE.replace("one", "two") + "language = 7\n")
    assert "site 1 (https://one.example/), title" in told
    assert "site 2 (https://two.example/), language" in told


def test_the_file_is_called_as_the_caller_says() -> None:
    with pytest.raises(PluginError, match=r"^forums/list\.toml: "):
        read_sites("", file="forums/list.toml")


@pytest.mark.parametrize(
    ("url", "base", "name"),
    [
        ("https://www.example.org/", "https://www.example.org", "example-org"),
        ("Forums.Example.com/XF/", "https://forums.example.com/XF", "forums-example-com-xf"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001", "127-0-0-1-8001"),
        ("https://[::1]/", "https://[::1]", "1"),
        ("https://a_b.example/~ada/", "https://a_b.example/~ada", "a_b-example-ada"),
        ("https://ü.example", "https://xn--tda.example", "xn-tda-example"),
        ("https://e.example/あ", "https://e.example/%E3%81%82", "e-example-e3-81-82"),
        (f"https://{'a' * 63}.example", f"https://{'a' * 63}.example", "a" * 63),
    ],
)
def test_an_address_has_one_form_and_a_readable_name(url: str, base: str, name: str) -> None:
    assert base_address(url) == base
    assert base_address(base) == base
    assert site_name(base) == name


@pytest.mark.parametrize(
    "url", ["https://e.example//a", "https://e.example/a/../b", "https://e.example/a/?b=1"]
)
def test_an_address_that_is_no_base_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        base_address(url)


def test_a_name_that_is_taken_is_varied_by_the_address() -> None:
    first = list(further_names("a" * 64, "https://one.example"))
    assert first == list(further_names("a" * 64, "http://one.example"))
    assert not set(first) & set(further_names("a" * 64, "https://two.example"))
    assert all(len(name) <= 64 for name in first)


REFUSED = '[[refused]]\nhost = "a.example"\nverdict = "robots"\n'


def test_refused_hosts_stand_beside_the_sites() -> None:
    text = (
        HEAD + SITE + REFUSED + '[[refused]]\nhost = "*.b.example"\nverdict = "gone"\nreason = "B."'
    )
    assert [site.name for site in read_sites(text)] == ["one-example"]
    assert read_refused_hosts(text) == (
        RefusedHost("a.example", Refusal.ROBOTS),
        RefusedHost("*.b.example", Refusal.GONE, "B."),
    )
    assert read_refused_hosts(HEAD) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "refused = 1\n",
            "sites.toml: refused is no list: write [[refused]] above each refused host",
        ),
        ("refused = [1]\n", "refused host 1, it is 1, not a table"),
        ('[[refused]]\nhost = "a.example"\n', "refused host 1 (a.example), verdict is missing"),
        (REFUSED + "verdikt = 1\n", "there is no field verdikt, did you mean verdict?"),
        ('[[refused]]\nverdict = "gone"\nhost = "https://a.example"\n', "is not a plain host"),
        ('[[refused]]\nverdict = "gone"\nhost = "*"\n', "'*' is not one such as '*.example.org'"),
        (
            '[[refused]]\nverdict = "bad"\nhost = "a.example"\n',
            "'bad' is none of robots, challenge",
        ),
        (REFUSED + REFUSED, "host a.example is used 2 times"),
        ("refused = ", "sites.toml is not valid TOML"),
    ],
)
def test_an_error_names_the_refused_host_and_its_field(text: str, told: str) -> None:
    with pytest.raises(PluginError) as caught:
        read_refused_hosts(text)
    assert told in caught.value.message
