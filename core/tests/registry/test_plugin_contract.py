"""What is wrong with a plugin, in words its author can act on."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from calling import call_listeners

from novel_core.errors import PluginError
from novel_core.registry import Registry, SourceState

MATCH = "novel_match_url(url: str) -> UrlMatch | None"

#: Code appended to a whole plugin -> the error.
WRONG = {
    "def novel_helper(): pass\n": (
        "novel_helper() is not a hook: the hooks are novel_source_info, novel_match_url, novel_parser,"
        " novel_spider, novel_samples, novel_before_save, novel_after_save, novel_job_finished"
    ),
    "@hookimpl\ndef start(item): pass\n": (
        "start(item) is not a hook: the hooks are novel_source_info, novel_match_url, novel_parser,"
        " novel_spider, novel_samples, novel_before_save, novel_after_save, novel_job_finished"
    ),
    "def novel_job_finished(job): pass\n": (
        "novel_job_finished(job) is not marked: write @hookimpl above it"
        " (from novel_core import hookimpl)"
    ),
    "novel_mach_url = novel_match_url\ndel novel_match_url\n": (
        f"novel_mach_url(url) is not a hook; did you mean {MATCH}?"
    ),
    "@hookimpl\ndef novel_match_url(uri: str): pass\n": (
        f"novel_match_url(uri) takes uri, but the hook is {MATCH}"
    ),
    "@hookimpl\ndef novel_match_url(url=''): pass\n": (
        f"novel_match_url(url='') takes url='', but the hook is {MATCH}"
    ),
    "@hookimpl\ndef novel_match_url(*args, **kwargs): pass\n": (
        f"novel_match_url(*args, **kwargs) takes *args, **kwargs, but the hook is {MATCH}"
    ),
    "@hookimpl\nasync def novel_job_finished(job): pass\n": (
        "novel_job_finished(job) is async, and hooks are called without awaiting: write def"
    ),
    "@hookimpl\ndef novel_job_finished(job): yield\n": (
        "novel_job_finished(job) yields, so that calling it does nothing: return the value"
    ),
    "@hookimpl(wrapper=True)\ndef novel_job_finished(job): yield\n": (
        "novel_job_finished(job) is a wrapper: a source is asked alone, there is nothing to wrap"
    ),
    "@hookimpl(specname='novel_match_url')\ndef matches(url): pass\n": (
        "matches and novel_match_url both implement novel_match_url"
    ),
    "import functools\nnovel_source_info = functools.cache(novel_source_info)\n": (
        "novel_source_info() is a _lru_cache_wrapper, not a plain function:"
        " put @hookimpl on one that calls it"
    ),
    "del novel_parser, novel_samples\n": (
        "it does not implement novel_parser() -> Parser;"
        " it does not implement novel_samples() -> Iterable[Sample]"
    ),
}


def card(**changes: Any) -> str:
    """Code that replaces the name card by one with the given expressions."""
    fields = {
        "name": "'bad'",
        "title": "'Bad'",
        "homepage": "'https://bad.example'",
        "domains": "('bad.example',)",
    } | changes
    arguments = ", ".join(f"{name}={value}" for name, value in fields.items())
    return f"@hookimpl\ndef novel_source_info(): return SourceInfo({arguments})\n"


NOT_A_HOST = " is not a plain host: lower-case, without scheme, port or path, in punycode where it is not ASCII"
WRONG_CARDS = {
    "@hookimpl\ndef novel_source_info(): return {'name': 'bad'}\n": (
        "novel_source_info returned dict, not SourceInfo"
    ),
    "@hookimpl\ndef novel_source_info(): pass\n": (
        "novel_source_info returned NoneType, not SourceInfo"
    ),
    card(title="' '"): "its SourceInfo.title is ' ', not a title",
    card(homepage="'bad.example'"): "its SourceInfo.homepage is 'bad.example', not a URL",
    card(politeness="3"): "its SourceInfo.politeness is int, not Politeness",
    card(domains="('bad.example')"): (
        "its SourceInfo.domains is 'bad.example', not a tuple of hosts"
        " (one host is written ('www.example.org',))"
    ),
    card(domains="()"): (
        "its SourceInfo.domains is (), not a tuple of hosts"
        " (one host is written ('www.example.org',))"
    ),
    **{
        card(domains=f"({domain!r},)"): f"its domain {domain!r}{NOT_A_HOST}"
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


@pytest.mark.parametrize(("code", "error"), (WRONG | WRONG_CARDS).items())
def test_the_error_says_what_to_change(site: Any, code: str, error: str) -> None:
    site.add("bad", extra=code)
    (entry,) = site.registry().sources
    assert (entry.state, entry.error) == (SourceState.FAILED, error)
    assert entry.source is None


def test_the_traceback_of_a_plugin_that_raised_is_kept(site: Any) -> None:
    module = site.add("bad", "raise OSError('no\\nfile')")
    (entry,) = site.registry().sources
    assert entry.error == "it cannot be imported: OSError: no file"
    assert f'{module}.py", line 1, in <module>' in entry.details


@pytest.mark.parametrize(
    ("name", "target", "error"),
    [
        ("Bad Name", None, "its name may have lower-case letters, digits, - and _ only, up to 64"),
        ("bad", "novel_bad_0:OwnParser", "its entry point names a class: name an instance"),
        ("bad", "novel_bad_0:nothing", "its entry point names None"),
    ],
)
def test_an_entry_point_that_cannot_be_a_source(
    site: Any, name: str, target: str | None, error: str
) -> None:
    site.add(name, extra="nothing = None\n", distribution="novel-bad", target=target)
    (entry,) = site.registry().sources
    assert (entry.state, entry.error) == (SourceState.FAILED, error)


def test_an_object_with_methods_is_a_plugin_as_well(site: Any) -> None:
    extra = """
class Plugin:
    novel_source_info = staticmethod(novel_source_info)
    novel_samples = staticmethod(novel_samples)
    title = property(lambda self: 1 / 0)

    @classmethod
    @hookimpl
    def novel_parser(cls):
        return OwnParser()

    @hookimpl
    def novel_match_url(self, url):
        return novel_match_url(url)

plugin = Plugin()
"""
    site.add("good", extra=extra, target="novel_good_0:plugin")
    registry = site.registry(strict=True)
    assert registry.resolve("https://good.example/n/7/title").match.novel_id == "7"
    assert type(registry.get("good").parser()).__name__ == "OwnParser"


def test_a_hook_may_leave_out_arguments_and_have_another_name(site: Any) -> None:
    site.add(
        "good",
        extra="heard = []\n"
        "@hookimpl(specname='novel_after_save')\n"
        "def remember(change): heard.append(change)\n",
    )
    registry = site.registry(strict=True)
    assert "novel_after_save" in registry.get("good").hooks
    assert call_listeners(registry, "novel_after_save", item=None, ref=None, change="new") == []


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
