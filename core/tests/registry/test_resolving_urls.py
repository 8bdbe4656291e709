"""From a URL to the one source that owns it."""

from typing import Any

import pytest

from novel_core.errors import (
    AmbiguousUrl,
    InvalidUrl,
    NovelError,
    PluginError,
    UnsupportedUrl,
    UsageError,
)
from novel_core.source import UrlKind, UrlMatch

#: What `match` returns for https://bad.example/n/7 -> the fault.
FAULTS = {
    "'https://bad.example/n/7'": "returned str for https://bad.example/n/7, not a UrlMatch",
    "UrlMatch('novel', url)": "its kind is 'novel', not a UrlKind",
    "UrlMatch(UrlKind.NOVEL, url, novel_id=7)": "its novel_id is 7, not a text",
    "UrlMatch(UrlKind.NOVEL, url, novel_id='')": "its novel_id is '', not a text",
    "UrlMatch(UrlKind.NOVEL, None)": "its url is None, not a text",
    "UrlMatch(UrlKind.NOVEL, 'ftp://bad.example')": (
        "its url is not a URL: Addresses that start with “ftp:” are not supported,"
        " only http and https."
    ),
    "UrlMatch(UrlKind.NOVEL, 'https://bad.example')": (
        "its url https://bad.example is not normalised (https://bad.example/)"
    ),
    "UrlMatch(UrlKind.NOVEL, 'https://good.example/n/7')": (
        "its url https://good.example/n/7 is at a host the source does not declare"
    ),
    "UrlMatch(UrlKind.CHAPTER, url, '7', '8', 'https://good.example/n/7')": (
        "its novel_url https://good.example/n/7 is at a host the source does not declare"
    ),
    "UrlMatch(UrlKind.NOVEL, url + '/x', novel_id=url)": "gives https://bad.example/n/7/x",
    "UrlMatch(UrlKind.NOVEL, url + '/x') if url.endswith('7') else None": "matches that not at all",
}


def refusal(registry: Any, url: str) -> NovelError:
    with pytest.raises(NovelError) as raised:
        registry.resolve(url)
    return raised.value


def test_the_owner_and_its_claim(site: Any) -> None:
    site.add("good")
    site.add("other")
    source, match = site.registry().resolve(" GOOD.example/n/7/a-title?page=2#top ")
    assert source.name == "good"
    assert match == UrlMatch(UrlKind.NOVEL, "https://good.example/n/7", novel_id="7")


def test_a_provisional_claim(site: Any) -> None:
    site.add("good")
    match = site.registry().resolve("https://good.example/c/12").match
    assert match.is_provisional
    assert match.chapter_id == "12"


def test_a_source_is_asked_about_its_own_hosts_only(site: Any) -> None:
    site.add("good")
    site.add(
        "greedy",
        members="def match(self, url): return UrlMatch(UrlKind.NOVEL, url)",
    )
    registry = site.registry()
    assert registry.resolve("https://good.example/n/7").source.name == "good"
    assert registry.get("greedy").match("https://good.example/n/7") is None


def test_a_match_that_asks_to_skip_an_item_is_a_fault(site: Any) -> None:
    raising = "def match(self, url):\n    from novel_core import SkipItem\n    raise SkipItem"
    site.add("bad", members=raising)
    error = refusal(site.registry(), "https://bad.example/n/7")
    assert error.message == "The source bad (novel-bad 1.0): match raised SkipItem."


@pytest.mark.parametrize(("answer", "fault"), FAULTS.items())
def test_a_claim_out_of_contract_is_the_plugins_fault(site: Any, answer: str, fault: str) -> None:
    site.add("bad", members=f"def match(self, url): return {answer}")
    error = refusal(site.registry(), "https://bad.example/n/7")
    assert type(error) is PluginError
    assert error.message.startswith("The source bad (novel-bad 1.0): match ")
    assert fault in error.message


def test_a_fault_does_not_keep_another_source_from_claiming(site: Any) -> None:
    site.add("good")
    site.add("bad", host="good.example", members="def match(self, url): raise SystemExit")
    assert site.registry().resolve("good.example/n/7").source.name == "good"


def test_all_faults_are_named_when_nobody_claims(site: Any) -> None:
    broken = "def match(self, url): raise ValueError"
    site.add("bad", host="a.example", members=broken)
    site.add("worse", host="a.example", members=broken)
    assert refusal(site.registry(), "a.example/n/7").message == (
        "The source bad (novel-bad 1.0): match raised ValueError."
        " The source worse (novel-worse 1.0): match raised ValueError."
    )


def test_two_claims_are_an_error_that_names_both(site: Any) -> None:
    site.add("good")
    site.add("rival", host="good.example", version="2.1")
    error = refusal(site.registry(), "good.example/n/7")
    assert type(error) is AmbiguousUrl
    assert error.message == (
        "More than one source matches https://good.example/n/7:"
        " good (novel-good 1.0) and rival (novel-rival 2.1)."
    )


def test_a_host_that_is_supported_in_another_form(site: Any) -> None:
    site.add("good")
    error = refusal(site.registry(), "good.example/author/3")
    assert type(error) is UnsupportedUrl
    assert error.message == (
        "Good is supported, but this address is neither a novel nor a chapter:"
        " https://good.example/author/3"
    )


def test_nobody_owns_it(site: Any) -> None:
    site.add("good")
    site.add("bad", "import a_module_that_is_not_there")
    site.add("off")
    error = refusal(site.registry(disabled=["off"]), "foo.org/n/7")
    assert type(error) is UnsupportedUrl
    assert error.message == "No source handles foo.org."
    assert error.hint == (
        "Supported: Good (https://good.example)."
        " Not loaded: bad (novel-bad 1.0): it cannot be imported: ModuleNotFoundError:"
        " No module named 'a_module_that_is_not_there'."
        " Disabled by NOVEL_DISABLED_SOURCES: off."
    )


def test_the_nearest_host_is_suggested(site: Any) -> None:
    site.add("royalroad", host="www.royalroad.example")
    error = refusal(site.registry(), "www.royalraod.example/n/7")
    assert error.message == (
        "No source handles www.royalraod.example. Did you mean www.royalroad.example (Royalroad)?"
    )


def test_long_lists_are_cut(site: Any) -> None:
    for number in range(15):
        site.add(f"s{number:02}")
    hint = refusal(site.registry(), "foo.org").hint
    assert hint.endswith(", S11 (https://s11.example), and 3 more (`novel sources`).")


def test_without_any_source_the_hint_says_how_to_get_one(site: Any) -> None:
    error = refusal(site.registry(), "foo.org")
    assert error.hint == "No source is loaded; install one, such as `pip install novel-royalroad`."


def test_what_is_no_url_is_refused_before_anybody_is_asked(site: Any) -> None:
    assert type(refusal(site.registry(), "hello")) is InvalidUrl


def test_getting_a_source_by_name(site: Any) -> None:
    site.add("good")
    site.add("off")
    site.add("bad", "raise RuntimeError('broken')")
    registry = site.registry(disabled={"off"})
    assert registry.get("good") is registry.loaded[0]
    words = {}
    for name in ("off", "bad", "goood"):
        with pytest.raises(UsageError) as raised:
            registry.get(name)
        words[name] = raised.value.message
    assert words == {
        "off": "The source off (novel-off 1.0) is disabled.",
        "bad": "The source bad (novel-bad 1.0) is failed:"
        " it cannot be imported: RuntimeError: broken.",
        "goood": "No source called 'goood' is installed. Did you mean good?",
    }


THOUSAND = """
import json, sys
from novel_core.registry import load_registry
registry = load_registry()
owners = [registry.resolve(url).source.name for url in sys.argv[1:]]
print(json.dumps([len(registry.loaded), len(registry.broken), owners]))
"""


def test_among_a_thousand_sources_only_the_candidates_are_asked(site: Any) -> None:
    nosy = "def match(self, url): raise AssertionError('asked')"
    for number in range(1000):
        site.add(f"s{number:03}", members="" if number in {7, 500} else nosy)
    loaded, broken, owners = site.python(THOUSAND, "s007.example/n/7", "s500.example/c/7")
    assert (loaded, broken, owners) == (1000, 0, ["s007", "s500"])
