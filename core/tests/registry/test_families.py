"""Families: which site owns a URL, when its source is made, and what is wrong with its answers."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from novel_core.cli.doctor import _source_settings
from novel_core.crawl.politeness import politeness_of
from novel_core.errors import NovelError, PluginError, UnsupportedUrl
from novel_core.page import Page
from novel_core.plugin import Site
from novel_core.registry import Registry
from novel_core.runtime import set_options
from novel_core.settings import Settings
from novel_core.source import PageKind

#: A plugin with a family of forums, whose threads are at /t/<id> below the site's address.
FORUMS = """
from novel_core import (
    Family, Parsed, Parser, Recognition, Site, Source, UrlKind, UrlMatch, hookimpl
)

MADE = []

class Board(Source):
    def __init__(self, site):
        self.site = site
        self.info = site.source_info()

    def match(self, url):
        _, _, number = url.partition(f"{self.site.path}/t/")
        if not number.isdigit():
            return None
        return UrlMatch(UrlKind.NOVEL, f"{self.site.base_url}/t/{number}", novel_id=number)

    def parser(self):
        raise NotImplementedError

def site(name, base, **fields):
    return Site(name, "forums", base, **fields)

class Forums(Family):
    name = "forums"
    title = "Forums"

    def recognise(self, page):
        return None

    def source(self, site):
        MADE.append(site.name)
        return Board(site)
"""
GIVEN = """
@hookimpl
def novel_sources():
    yield Forums()
"""


def forums(members: str = "", *, extra: str = "", given: str = GIVEN) -> str:
    """The code of the plugin; `members` are added to the family's class."""
    return FORUMS + textwrap.indent(members, "    ") + f"\n{extra}\n{given}"


def sites(*lines: str) -> str:
    return "sites = (" + "".join(f"{line}, " for line in lines) + ")\n"


ONE = "site('one', 'https://one.example', title='One')"
TWO = "site('two', 'https://two.example/forum', aliases=('www.two.example',))"


def states(registry: Registry) -> dict[str, str]:
    return {entry.name: str(entry.state) for entry in registry.sources}


def refusal(registry: Registry, url: str) -> NovelError:
    with pytest.raises(NovelError) as raised:
        registry.resolve(url)
    return raised.value


def missing(registry: Registry, name: str) -> str:
    with pytest.raises(UnsupportedUrl) as raised:
        registry.get(name)
    return raised.value.message


@dataclass
class Store:
    """A table of sites in memory, which counts the questions."""

    stored: Sequence[Site] = ()
    asked: list[str] = field(default_factory=list)

    def by_name(self, name: str) -> Site | None:
        self.asked.append(name)
        return next((site for site in self.stored if site.name == name), None)

    def by_host(self, host: str) -> Sequence[Site]:
        self.asked.append(host)
        return [site for site in self.stored if site.host == host]

    def removed(self, name: str, host: str = "") -> Site | None:
        return None

    def alike(self, sites: tuple[Site, ...]) -> Sequence[Site]:
        del sites
        return ()

    def novel_url(self, source: str) -> str | None:
        self.asked.append(source)
        return None


def test_a_familys_sites_are_resolved_and_made_at_their_first_use(site: Any) -> None:
    module = site.add("forums", forums(sites(ONE, TWO)))
    registry = site.registry(strict=True)
    assert states(registry) == {"forums": "loaded"}
    assert sys.modules[module].MADE == []
    source, match = registry.resolve("https://two.example/forum/t/7")
    assert (source.name, match.url) == ("two", "https://two.example/forum/t/7")
    assert registry.resolve("https://www.two.example/forum/t/7").match == match
    assert registry.resolve("http://two.example/forum/t/7").match == match
    assert registry.get("two") is source
    assert sys.modules[module].MADE == ["two"]
    assert (source.info.title, registry.title_of("one")) == ("two.example", "One")


def test_the_settings_of_a_family_reach_a_site_that_only_a_pattern_names(site: Any) -> None:
    extra = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Options:
    wide: bool = False

Board.Options = Options
"""
    members = sites(ONE) + 'host_patterns = ("*.blogs.example",)\n'
    site.add("forums", forums(members, extra=extra))
    registry = site.registry(strict=True)
    shared = {"requests_per_second": 0.25, "options": {"wide": "1"}}
    settings = Settings(sources={"forums": shared, "anna_blogs_example": {"jitter": 0.9}})
    registry.use(Store(), partial(set_options, settings))
    source, _ = registry.resolve("https://anna.blogs.example/t/7")
    assert (source.name, source.source.options.wide) == ("anna-blogs-example", True)
    found = politeness_of(source.info, settings)
    assert (found.requests_per_second, found.jitter) == (0.25, 0.9)
    told = list(_source_settings(settings, registry))
    assert [one.ok for one in told] == [True]
    assert "NOVEL_SOURCES__ANNA_BLOGS_EXAMPLE names no" in told[0].message
    assert "host and folder" in told[0].hint
    wrong = Settings(sources={"forums": {"options": {"wiide": "1"}}})
    told = list(_source_settings(wrong, registry))
    assert [one.ok for one in told] == [False]
    assert "NOVEL_SOURCES__FORUMS__OPTIONS__WIIDE" in told[0].message
    (near,) = _source_settings(Settings(sources={"forms": {"jitter": 0.5}}), registry)
    assert "NOVEL_SOURCES__FORUMS?" in near.hint


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://host.example/t/1", "root"),
        ("https://host.example/a/t/1", "a"),
        ("https://host.example/a/b/t/1", "deep"),
        ("https://host.example/ab/t/1", "root"),
        ("http://host.example:8001/t/1", "port"),
    ],
)
def test_the_site_in_the_deepest_folder_owns_a_url(site: Any, url: str, name: str) -> None:
    bases = {"root": "", "a": "/a", "deep": "/a/b"}
    lines = [f"site({name!r}, 'https://host.example{path}')" for name, path in bases.items()]
    site.add("forums", forums(sites(*lines, "site('port', 'http://host.example:8001')")))
    assert site.registry(strict=True).resolve(url).source.name == name


def test_a_page_of_a_site_that_is_no_novel(site: Any) -> None:
    site.add("forums", forums(sites(ONE)))
    error = refusal(site.registry(), "https://one.example/members")
    assert error.message == (
        "One is supported, but this address is neither a novel nor a chapter:"
        " https://one.example/members"
    )
    near = refusal(site.registry(), "https://ome.example/t/1")
    assert near.message == "No source handles ome.example. Did you mean one.example (One)?"
    assert near.hint == (
        "Supported: Forums sites. This address looks like one of Forums. If the site runs Forums, it"
        " can be added with proof: novel sites add https://ome.example/t/1"
    )


def test_a_host_of_a_pattern_is_a_site(site: Any) -> None:
    site.add("forums", forums("host_patterns = ('*.forums.example', '*.b.forums.example')"))
    registry = site.registry(strict=True)
    source, match = registry.resolve("https://tales.forums.example/t/3")
    assert source.site == Site(
        "tales-forums-example",
        "forums",
        "https://tales.forums.example",
        rate_group="*.forums.example",
    )
    assert match.novel_id == "3"
    assert registry.get(source.name) is source
    assert registry.resolve("https://tales.forums.example/t/4").source is source
    narrow = registry.resolve("https://a.b.forums.example/t/4").source
    assert narrow.info.politeness.rate_group == "*.b.forums.example"
    for other in ("forums.example", "forums.example.org", "xforums.example"):
        assert type(refusal(registry, f"https://{other}/t/1")) is UnsupportedUrl


def test_a_site_by_a_pattern_does_not_take_the_name_of_another_source(site: Any) -> None:
    site.add("a-forums-example", host="elsewhere.example")
    site.add("forums", forums("host_patterns = ['*.forums.example']"))
    registry = site.registry(strict=True)
    source = registry.resolve("https://a.forums.example/t/3").source
    assert source.name.startswith("a-forums-example-")
    assert registry.get("a-forums-example").info.homepage == "https://elsewhere.example"


STORED = Site("stored", "forums", "https://one.example/old")


def test_the_store_is_asked_only_on_a_miss(site: Any) -> None:
    site.add("forums", forums(sites(ONE)))
    registry = site.registry()
    store = Store([STORED, Site("far", "forums", "https://far.example")])
    registry.use(store)
    assert registry.resolve("https://one.example/t/1").source.name == "one"
    assert registry.get("one").name == "one"
    assert store.asked == []
    assert registry.resolve("https://far.example/t/1").source.name == "far"
    assert registry.get("far").name == "far"
    assert store.asked == ["far.example", "far"]


def test_a_stored_site_at_the_host_of_a_source(site: Any) -> None:
    site.add("one")
    site.add("forums", forums())
    registry = site.registry(strict=True)
    registry.use(Store([STORED]))
    assert registry.resolve("https://one.example/old/t/5").source.name == "stored"
    assert registry.resolve("https://one.example/n/5").source.name == "one"
    assert "One is supported" in refusal(registry, "https://one.example/t/5").message


def test_a_stored_site_goes_before_a_pattern(site: Any) -> None:
    site.add("forums", forums("host_patterns = ['*.example']\n".replace("*.", "*.forums.")))
    registry = site.registry(strict=True)
    registry.use(Store([Site("mine", "forums", "https://a.forums.example")]))
    assert registry.resolve("https://a.forums.example/t/5").source.name == "mine"


def test_a_stored_site_whose_options_changed_is_made_again(site: Any) -> None:
    site.add("forums", forums())
    registry = site.registry()
    for options in ({"reader": True}, {"reader": False}):
        registry.use(Store([Site("mine", "forums", "https://m.example", options=options)]))
        assert registry.get("mine").site.options == options


def test_a_stored_site_without_its_family(site: Any) -> None:
    site.add("good")
    registry = site.registry()
    registry.use(Store([STORED]))
    told = (
        "The site stored (https://one.example/old) needs the family 'forums',"
        " which is not installed."
    )
    assert missing(registry, "stored") == told
    assert refusal(registry, "https://one.example/old/t/1").message == told
    assert registry.info_of("stored") is None
    assert registry.title_of("stored") == "stored"


def test_names_that_are_disabled(site: Any) -> None:
    site.add("forums", forums(sites(ONE, TWO) + "host_patterns = ['*.forums.example']"))
    whole = site.registry(disabled={"forums"})
    assert states(whole) == {"forums": "disabled"}

    site.add("twin", forums("name = 'twins'").replace('"forums", base', '"twins", base'))
    family = site.registry(disabled={"twins"})
    assert states(family) == {"forums": "loaded", "twins": "disabled"}

    registry = site.registry(disabled={"two", "a-forums-example", "mine"})
    registry.use(Store([Site("mine", "forums", "https://m.example")]))
    assert states(registry)["two"] == "disabled"
    assert registry.resolve("https://one.example/t/1").source.name == "one"
    assert missing(registry, "two") == "The source two (novel-forums 1.0) is disabled."
    assert missing(registry, "mine") == "The site mine (https://m.example) is disabled."
    for host in ("m.example", "a.forums.example"):
        assert refusal(registry, f"https://{host}/t/1").message.endswith(" is disabled.")
    assert registry.resolve("https://b.forums.example/t/1").source.name == "b-forums-example"


def test_a_family_is_no_source(site: Any) -> None:
    site.add("forums", forums(sites(ONE)))
    told = missing(site.registry(), "forums")
    assert told == "forums (novel-forums 1.0) is a family of sites, not a source."
    assert missing(site.registry(), "onee") == (
        "No source called 'onee' is installed. Did you mean one?"
    )


#: Members of the family's class -> the error.
WRONG = {
    "name = 'For ums'": (
        "its name: 'For ums' is not a name (lower-case letters, digits, - and _, up to 64)"
    ),
    "del name": "its name: None is not a name (lower-case letters, digits, - and _, up to 64)",
    "title = ''": "its title: '' is not a title",
    "host_patterns = '*.forums.example'": ("its host_patterns are '*.forums.example', not a tuple"),
    "refused_hosts = ('closed.example',)": "its refused host 1 is str, not a RefusedHost",
    "refused_hosts = None": "its refused_hosts are None, not a tuple",
    "import novel_core as n; refused_hosts = (n.RefusedHost('*.x', 'gone', 7),)": (
        "its refused host 1: its host: '*.x' is not one such as '*.example.org';"
        " its refused host 1: its reason: 7 is not a text"
    ),
    "sites = None": "it cannot be read: TypeError: 'NoneType' object is not iterable",
    "sites = property(lambda self: 1 / 0)": (
        "it cannot be read: ZeroDivisionError: division by zero"
    ),
    **{
        f"host_patterns = [{pattern!r}]": (
            f"its host pattern {pattern!r} is not one such as '*.example.org'"
        )
        for pattern in ("forums.example", "*", "*.org", "*.*.example", "*.Example.org", 7)
    },
}


@pytest.mark.parametrize(("members", "error"), WRONG.items())
def test_what_is_wrong_with_a_family(site: Any, members: str, error: str) -> None:
    site.add("good")
    site.add("bad", forums(members))
    registry = site.registry()
    assert [(entry.name, entry.error) for entry in registry.broken] == [("bad", error)]
    assert registry.resolve("https://good.example/n/7").source.name == "good"


#: A site -> the error.
WRONG_SITES = {
    "7": "it is int, not a Site",
    "Site": "it is the class Site, not a Site",
    "Site('bad', 'other', 'https://bad.example')": (
        "its family is 'other', but the family that has it is 'forums'"
    ),
    "site('B d', 'https://bad.example')": (
        "its name: 'B d' is not a name (lower-case letters, digits, - and _, up to 64)"
    ),
    "site('bad', None)": "its base_url: None is not a text",
    "site('bad', 'bad')": "its base_url: “bad” is not a URL",
    "site('bad', 'https://bad.example/?a=1')": (
        "its base_url: The base address https://bad.example/?a=1 has a query"
    ),
    "site('bad', 'https://Bad.example/x/')": (
        "its base_url https://Bad.example/x/ is not normalised (https://bad.example/x)"
    ),
    "site('bad', 'https://bad.example', language='English')": (
        "its language: 'English' is not a language tag such as en or pt-BR"
    ),
    "site('bad', 'https://bad.example', time_zone='Mars')": (
        "its time_zone: 'Mars' is not a time zone such as Europe/Paris"
    ),
    "site('bad', 'https://bad.example', aliases='www.bad.example')": (
        "its aliases: 'www.bad.example' is not a tuple of hosts"
        " (one host is written ('www.example.org',))"
    ),
    "site('bad', 'https://bad.example', options=None)": "its options: None is not a table",
}


@pytest.mark.parametrize(("code", "error"), WRONG_SITES.items())
def test_one_wrong_site_among_good_ones(site: Any, code: str, error: str) -> None:
    site.add("forums", forums(f"sites = ({ONE}, {code}, {TWO})"))
    registry = site.registry()
    assert [entry.error for entry in registry.broken] == [error]
    assert [one.name for one in registry.families["forums"].sites] == ["one", "two"]
    assert registry.resolve("https://one.example/t/1").source.name == "one"


#: What `source` returns -> the fault.
WRONG_SOURCES = {
    "1 / 0": "source raised ZeroDivisionError: division by zero for bad",
    "None": "its source of bad is wrong: it is NoneType, not a Source",
    "Board": "its source of bad is wrong: it is the class Board, not a Source",
    "Board(Site('other', 'forums', 'https://bad.example'))": (
        "its source of bad is wrong: its name is 'other', and not the site's"
    ),
    "Board(Site('bad', 'forums', 'https://other.example'))": (
        "its source of bad is wrong: the site's host bad.example is not one of its domains"
    ),
    "Unready(site)": "source raised LookupError: no metadata for bad",
    "Nameless(site)": "its source of bad is wrong: its info is NoneType, not a SourceInfo",
    "Greedy(site)": None,
}
CLASSES = """
class Unready(Board):
    info = property(lambda self: self.raising(), lambda self, value: None)
    def raising(self):
        raise LookupError("no metadata")

class Nameless(Board):
    def __init__(self, site):
        self.site = site

class Greedy(Board):
    def match(self, url):
        return UrlMatch(UrlKind.NOVEL, f"https://bad.example/elsewhere/1", novel_id="1")
"""


@pytest.mark.parametrize(("answer", "fault"), WRONG_SOURCES.items())
def test_a_wrong_source_of_one_site(site: Any, answer: str, fault: str | None) -> None:
    source = f"def source(self, site): return Board(site) if site.name == 'one' else {answer}\n"
    bad = "site('bad', 'https://bad.example/t')"
    site.add("forums", forums(sites(ONE, bad) + source, extra=CLASSES))
    site.add("good", host="bad.example")
    registry = site.registry(strict=True)
    error = refusal(registry, "https://bad.example/t/1")
    assert type(error) is PluginError
    assert error.message == (
        f"The family forums (novel-forums 1.0): {fault}."
        if fault
        else "The source bad (novel-forums 1.0): match matches https://bad.example/t/1, but its url"
        " https://bad.example/elsewhere/1 is not below the site's address https://bad.example/t."
    )
    assert registry.resolve("https://one.example/t/1").source.name == "one"
    assert registry.resolve("https://bad.example/n/1").source.name == "good"


PAGE = Page(PageKind.INDEX, "https://one.example/", body=b"<p>forum")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("page.nothing", "recognise raised AttributeError: "),
        ("True", "is wrong: it is bool, not a Recognition"),
        ("Recognition(2, 'https://one.example')", "its confidence is 2, not a number from 0 to 1"),
        ("Recognition('1', 'https://one.example')", "its confidence is '1', not a number"),
        ("Recognition(1.0, 'one')", "its base_url: “one” is not a URL"),
        ("Recognition(1.0, 'https://one.example', title=7)", "its title: 7 is not a text"),
        ("Recognition(1.0, 'https://one.example', options=[])", "its options: [] is not a table"),
    ],
)
def test_a_wrong_recognition(site: Any, answer: str, fault: str) -> None:
    site.add("forums", forums(f"def recognise(self, page): return {answer}"))
    family = site.registry(strict=True).families["forums"]
    with pytest.raises(PluginError) as raised:
        family.recognise(PAGE)
    assert raised.value.message.startswith("The family forums (novel-forums 1.0): ")
    assert fault in raised.value.message


def test_a_recognition(site: Any) -> None:
    answer = "Recognition(0.9, 'https://one.example') if b'forum' in page.body else None"
    site.add("forums", forums(f"def recognise(self, page): return {answer}"))
    family = site.registry(strict=True).families["forums"]
    assert family.recognise(PAGE).base_url == "https://one.example"
    assert family.recognise(Page(PageKind.INDEX, "https://one.example/", body=b"blog")) is None


def duplicates(registry: Registry) -> Mapping[str, str | None]:
    return {entry.name: entry.error for entry in registry.sources if entry.state == "duplicate"}


BOTH = "novel-a 1.0 and novel-b 1.0; disable or uninstall all but one"
OTHER = FORUMS.replace('"forums"', '"others"')


def other(members: str) -> str:
    return OTHER + textwrap.indent(members, "    ") + GIVEN


def test_a_site_that_two_families_have_is_loaded_by_neither(site: Any) -> None:
    site.add("a", forums(sites(ONE, TWO) + "host_patterns = ['*.f.example', '*.g.example']"))
    same = "site('one', 'https://else.example')", "site('zwei', 'http://www.two.example/forum')"
    site.add("b", other(sites(*same) + "host_patterns = ['*.f.example', '*.h.example']"))
    registry = site.registry()
    assert duplicates(registry) == {
        "one": f"the name one is used by {BOTH}",
        "two": f"the address www.two.example/forum is used by {BOTH}",
        "zwei": f"the address www.two.example/forum is used by {BOTH}",
        "*.f.example": f"the host pattern *.f.example is used by {BOTH}",
    }
    assert {name: family.sites for name, family in registry.families.items()} == {
        "forums": (),
        "others": (),
    }
    assert missing(registry, "one").startswith("The source one (novel-a 1.0) is duplicate: ")
    for host in ("one.example", "a.f.example"):
        assert type(refusal(registry, f"https://{host}/t/1")) is UnsupportedUrl
    assert registry.resolve("https://a.g.example/t/1").source.site.family == "forums"
    assert registry.resolve("https://a.h.example/t/1").source.site.family == "others"


def test_the_same_site_twice_in_one_family(site: Any) -> None:
    site.add("forums", forums(sites(ONE, ONE, TWO)))
    registry = site.registry()
    assert duplicates(registry) == {
        "one": "the name one is used more than once by novel-forums 1.0;"
        " disable or uninstall all but one"
    }
    assert registry.resolve("https://two.example/forum/t/1").source.name == "two"


def test_two_families_and_two_sources_of_one_name(site: Any) -> None:
    site.add("a", forums(sites(ONE)))
    site.add("b", forums(sites(TWO)))
    site.add("c")
    site.add("d", members="info = SourceInfo('c', 'C', 'https://d.example', ('d.example',))")
    site.add("good")
    registry = site.registry()
    of_sources = BOTH.replace("novel-a", "novel-c").replace("novel-b", "novel-d")
    assert duplicates(registry) == {
        "forums": f"the name forums is used by {BOTH}",
        "c": f"the name c is used by {of_sources}",
    }
    assert [source.name for source in registry.loaded] == ["good"]
    assert not registry.families
    alone = site.registry(disabled={"b", "d"})
    assert [source.name for source in alone.loaded] == ["c", "good"]
    assert list(alone.families) == ["forums"]


def test_strict_names_the_site_that_is_broken(site: Any) -> None:
    site.add("forums", forums(f"sites = ({ONE}, 7)"))
    with pytest.raises(PluginError, match=r"forums\[2\] \(novel-forums 1\.0\): it is int"):
        site.registry(strict=True)


def test_an_address_outside_a_sites_folder_is_told_where_the_site_is(site: Any) -> None:
    site.add("forums", forums("host_patterns = ('*.forums.example',)\n" + sites(ONE, TWO)))
    registry = site.registry(strict=True)
    for url in ("https://two.example/t/7", "https://www.two.example/forums/t/7"):
        error = refusal(registry, url)
        assert error.message == (
            f"two.example is at https://two.example/forum; this address is not below it: {url}"
        )
        assert error.hint == (
            "Open the novel or one of its chapters in a browser and copy that address."
        )
    # A stored site, beside one that a package ships.
    stored = Site("other", "forums", "https://two.example/talk", title="Other")
    alone = Site("alone", "forums", "https://alone.example/talk", title="Alone")
    registry.use(Store([stored, alone]))
    assert refusal(registry, "https://alone.example/t/7").message == (
        "Alone is at https://alone.example/talk; this address is not below it:"
        " https://alone.example/t/7"
    )
    assert refusal(registry, "https://two.example/t/7").message == (
        "two.example is at https://two.example/forum and Other is at https://two.example/talk;"
        " this address is not below any of them: https://two.example/t/7"
    )
    # All of a pattern's host is one site.
    assert refusal(registry, "https://tales.forums.example/x").message == (
        "tales.forums.example is supported, but this address is neither a novel nor a chapter:"
        " https://tales.forums.example/x"
    )


CLOSED = """
import novel_core
refused_hosts = (
    novel_core.RefusedHost("closed.forums.example", novel_core.Refusal.ROBOTS),
    novel_core.RefusedHost("*.shut.example", novel_core.Refusal.CHALLENGE, "Since May."),
    novel_core.RefusedHost("one.example", novel_core.Refusal.GONE),
)
"""


def test_a_refused_host_is_never_a_site(site: Any) -> None:
    site.add("forums", forums(sites(ONE) + "host_patterns = ['*.forums.example']\n" + CLOSED))
    registry = site.registry()
    error = refusal(registry, "https://closed.forums.example/t/7")
    assert error.code == "site_refused"
    assert error.message == (
        "closed.forums.example is not read: its robots.txt closes the pages that are needed."
    )
    told = refusal(registry, "https://a.b.shut.example/").message
    assert told.startswith("a.b.shut.example is not read: it admits browsers only")
    assert told.endswith("Since May.")
    # A host beside it, and one that a site is at.
    assert registry.resolve("https://open.forums.example/t/7").source.site is not None
    assert refusal(registry, "https://shut.example/").code == "unsupported_url"
    assert registry.resolve("https://one.example/t/7").source.name == "one"
    assert registry.refusal_of("one.example") is None
