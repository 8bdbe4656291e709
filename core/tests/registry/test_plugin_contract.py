"""What is wrong with a plugin, in words its author can act on."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from novel_core.errors import PluginError
from novel_core.registry import Registry, SourceState

NO_SOURCES = (
    "it does not implement novel_sources() -> Iterable[Source | Family]: write @hookimpl above it"
)
HOOKS = "its hooks are not those of the contract: PluginValidationError: "


def sources(body: str) -> str:
    return f"@hookimpl\ndef novel_sources():\n    {body}\n"


#: Code appended to a whole plugin -> the error.
WRONG = {
    "@hookimpl\ndef novel_source(): pass\n": f"{HOOKS}unknown hook 'novel_source' in plugin ",
    "@hookimpl\ndef start(item): pass\n": f"{HOOKS}unknown hook 'start' in plugin ",
    "@hookimpl\ndef novel_sources(registry): pass\n": (
        f"{HOOKS}Plugin 'bad' for hook 'novel_sources' hookimpl definition: novel_sources(registry)"
        " Argument(s) {'registry'} are declared in the hookimpl but can not be found in the hookspec"
    ),
    "@hookimpl(wrapper=True)\ndef novel_sources(): return []\n": (
        f"{HOOKS}Plugin 'bad' for hook 'novel_sources'"
    ),
    "def novel_sources(): return [Own()]\n": NO_SOURCES,
    "del novel_sources\n": NO_SOURCES,
    sources("return None"): "novel_sources gives no source",
    sources("return []"): "novel_sources gives no source",
    sources("raise OSError('no\\ndisk')"): "novel_sources failed: OSError: no disk",
    sources("raise SystemExit(3)"): "novel_sources failed: SystemExit: 3",
    sources("return Own()"): "novel_sources failed: TypeError: 'Own' object is not iterable",
    sources("return [Own]"): "novel_sources gives the class Own, not a Source or a Family",
    sources("return {'bad': Own()}"): "novel_sources gives str, not a Source or a Family",
    sources("return [None]"): "novel_sources gives NoneType, not a Source or a Family",
}


def info(**changes: Any) -> str:
    """A source's metadata with the given expressions as fields."""
    fields = {
        "name": "'bad'",
        "title": "'Bad'",
        "homepage": "'https://bad.example'",
        "domains": "('bad.example',)",
    } | changes
    return f"info = SourceInfo({', '.join(f'{name}={value}' for name, value in fields.items())})"


POLITENESS = "from novel_core import Politeness\n"
NOT_A_HOST = " is not a plain host: lower-case, without scheme, port or path, in punycode where it is not ASCII"
NOT_A_TUPLE = " is not a tuple of hosts (one host is written ('www.example.org',))"
#: Members of the class of the source -> the error.
WRONG_INFO = {
    "del info": "its info is NoneType, not a SourceInfo",
    "info = {'name': 'bad'}": "its info is dict, not a SourceInfo",
    "info = SourceInfo": "its info is the class SourceInfo, not a SourceInfo",
    "info = property(lambda self: 1 / 0)": (
        "it cannot be read: ZeroDivisionError: division by zero"
    ),
    info(name="'Bad Name'"): (
        "its name: 'Bad Name' is not a name (lower-case letters, digits, - and _, up to 64)"
    ),
    info(name="7"): "its name: 7 is not a name (lower-case letters, digits, - and _, up to 64)",
    info(title="' '"): "its title: ' ' is not a title",
    info(homepage="'bad.example'"): "its homepage is 'bad.example', not a URL",
    info(homepage="None"): "its homepage is None, not a URL",
    info(language="'English'"): (
        "its language: 'English' is not a language tag such as en or pt-BR"
    ),
    info(time_zone="'Mars/Olympus'"): (
        "its time_zone: 'Mars/Olympus' is not a time zone such as Europe/Paris"
    ),
    info(politeness="3"): "its politeness is int, not a Politeness",
    POLITENESS + info(politeness="Politeness(requests_per_second=-1)"): (
        "its politeness: its requests_per_second: -1 is not a number from 0"
    ),
    POLITENESS + info(politeness="Politeness(requests_per_second='1', concurrency=0)"): (
        "its politeness: its requests_per_second: '1' is not a number from 0;"
        " its politeness: its concurrency: 0 is not a number from 1"
    ),
    info(host_politeness="[]"): "its host_politeness is list, not a dict",
    info(host_politeness="{'api.bad.example': 2}"): (
        "its politeness of api.bad.example is int, not a Politeness"
    ),
    info(domains="('bad.example')"): f"its domains: 'bad.example'{NOT_A_TUPLE}",
    info(domains="()"): "its domains are empty: name the hosts of its URLs",
    info(
        title="''", domains="None"
    ): f"its title: '' is not a title; its domains: None{NOT_A_TUPLE}",
    **{
        info(domains=f"({domain!r},)"): f"its domains: {domain!r}{NOT_A_HOST}"
        for domain in (
            "Bad.example",
            "https://bad.example",
            "bad.example:80",
            "bad.example/x",
            "*.bad.example",
            "bad.example.",
            "bäd.example",
            "bad.example\n",
            "",
        )
    },
}


@pytest.mark.parametrize(("code", "error"), WRONG.items())
def test_the_error_says_what_to_change(site: Any, code: str, error: str) -> None:
    site.add("bad", extra=code)
    (entry,) = site.registry().sources
    assert entry.state is SourceState.FAILED
    assert entry.error.startswith(error)
    assert entry.source is None


@pytest.mark.parametrize(("members", "error"), WRONG_INFO.items())
def test_the_error_says_what_is_wrong_with_the_metadata(
    site: Any, members: str, error: str
) -> None:
    site.add("bad", members=members)
    (entry,) = site.registry().sources
    assert (entry.state, entry.error, entry.source) == (SourceState.FAILED, error, None)


SECOND = """
class Second(Own):
    info = SourceInfo("second", "Second", "https://second.example", ("second.example",))

class Broken(Own):
    @property
    def info(self):
        raise LookupError("no name")
"""


def test_each_entry_is_checked_alone(site: Any) -> None:
    site.add("good", extra=SECOND + sources("return [Own(), Broken(), Own, Second()]"))
    states = [(entry.name, entry.state, entry.error) for entry in site.registry().sources]
    assert states == [
        ("good", "loaded", None),
        ("good[2]", "failed", "it cannot be read: LookupError: no name"),
        ("good[3]", "failed", "novel_sources gives the class Own, not a Source or a Family"),
        ("second", "loaded", None),
    ]


def test_what_a_generator_gave_before_it_raised_stays(site: Any) -> None:
    body = "yield Own(); yield Second(); raise RuntimeError('third')"
    site.add("good", extra=SECOND + sources(body))
    registry = site.registry()
    assert [source.name for source in registry.loaded] == ["good", "second"]
    (broken,) = registry.broken
    assert (broken.name, broken.error) == ("good", "novel_sources failed: RuntimeError: third")
    assert "raise RuntimeError('third')" in broken.details


def test_a_source_need_not_have_the_name_of_its_plugin(site: Any) -> None:
    site.add("plugin", members=info(name="'other'", domains="('plugin.example',)"))
    (entry,) = site.registry(strict=True).sources
    assert (entry.name, entry.plugin) == ("other", "plugin")


def test_the_traceback_of_a_plugin_that_raised_is_kept(site: Any) -> None:
    module = site.add("bad", "raise OSError('no\\nfile')")
    (entry,) = site.registry().sources
    assert entry.error == "it cannot be imported: OSError: no file"
    assert f'{module}.py", line 1, in <module>' in entry.details


@pytest.mark.parametrize(
    ("name", "target", "error"),
    [
        (
            "Bad Name",
            None,
            "its name: 'Bad Name' is not a name (lower-case letters, digits, - and _",
        ),
        ("bad", "novel_bad_0:Own", NO_SOURCES),
        ("bad", "novel_bad_0:nothing", NO_SOURCES),
    ],
)
def test_an_entry_point_that_cannot_be_a_plugin(
    site: Any, name: str, target: str | None, error: str
) -> None:
    site.add(name, extra="nothing = None\n", distribution="novel-bad", target=target)
    (entry,) = site.registry().sources
    assert entry.state is SourceState.FAILED
    assert entry.error.startswith(error)


def test_an_object_with_methods_is_a_plugin_as_well(site: Any) -> None:
    extra = """
class Plugin:
    title = property(lambda self: 1 / 0)

    @hookimpl
    def novel_sources(self):
        return [Own()]

plugin = Plugin()
"""
    site.add("good", extra=extra, target="novel_good_0:plugin")
    registry = site.registry(strict=True)
    assert registry.resolve("https://good.example/n/7/title").match.novel_id == "7"


@pytest.mark.parametrize(
    ("requirement", "core", "error"),
    [
        ("novel-core", "0.1.0", None),
        ("novel-core>=0.1,<0.2", "0.1.9", None),
        ("Novel_Core (>=0.1)", "0.1.0", None),
        ("novel-core>=0.1", "0.2.0.dev3", None),
        ("novel-core>=0.1,<0.2", "0.1.1rc1+local", None),
        ("novel-core>=0.2", "0.2.0.dev3", "it needs novel-core >=0.2, and 0.2.0.dev3 is installed"),
        ("novel-core<0.2", "0.2.0rc1", "it needs novel-core <0.2, and 0.2.0rc1 is installed"),
        ("novel-core>=99; extra == 'later'", "0.1.0", None),
        ("novel-core>=99; python_version < '3'", "0.1.0", None),
        ("novel-core-extras>=99", "0.1.0", None),
        ("novel-core>=>1", "0.1.0", "its requirement 'novel-core>=>1' cannot be read"),
    ],
)
def test_a_plugin_for_another_core_is_not_imported(
    site: Any, requirement: str, core: str, error: str | None
) -> None:
    site.add("bad", requires=("lxml>=6", requirement))
    (entry,) = site.registry(core_version=core).sources
    state = SourceState.INCOMPATIBLE if error else SourceState.LOADED
    assert (entry.state, entry.error) == (state, error)


def test_strict_raises_for_what_is_broken_and_not_for_what_is_disabled(site: Any) -> None:
    site.add("bad", "raise RuntimeError")
    with pytest.raises(PluginError, match=r"bad \(novel-bad 1\.0\): it cannot be imported"):
        site.registry(strict=True)
    assert site.registry(strict=True, disabled={"bad"}).broken == ()


def test_an_entry_point_without_a_distribution_is_loaded_too(site: Any) -> None:
    module = site.add("good")
    registry = Registry.load(entry_points=[EntryPoint("good", module, "novel.sources")])
    assert str(registry.get("good")) == "good (unknown distribution)"
    assert Registry.load(entry_points=[EntryPoint("good", module, "other")]).sources == ()
