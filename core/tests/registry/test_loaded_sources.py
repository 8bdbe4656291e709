"""What a loaded source is asked for, and what all plugins are told."""

import sys
from typing import Any

import pytest
from calling import call_listeners

from novel_core.crawl.spider import NovelSpider
from novel_core.errors import PluginError
from novel_core.hookspecs import Change, FinishedJob, SaveContext, SavedRef, SkipItem
from novel_core.items import Chapter, Novel
from novel_core.source import Sample, UrlKind

CONTEXT = SaveContext("good", 1)
REF = SavedRef(1, "title")
JOB = FinishedJob(1, "good", "https://good.example/n/7", "done", None, None, {})


@pytest.fixture
def chapter() -> Chapter:
    return Chapter(source_id="9", title="One", url="https://good.example/c/9", content_html="<p>x")


def hook(head: str, body: str) -> str:
    return f"@hookimpl\ndef {head}:\n    {body}\n"


def fault(call: Any, *arguments: Any) -> str:
    with pytest.raises(PluginError) as raised:
        call(*arguments)
    return raised.value.message.removeprefix("The plugin good (novel-good 1.0): ")


def load(site: Any, extra: str = "") -> Any:
    site.add("good", extra=extra)
    return site.registry(strict=True).get("good")


def test_what_is_known_of_it(site: Any) -> None:
    source = load(site)
    assert (source.name, str(source.package)) == ("good", "novel-good 1.0")
    assert source.info.title == "Good"
    assert source.hooks == (
        "novel_source_info",
        "novel_match_url",
        "novel_parser",
        "novel_samples",
    )
    with pytest.raises(AttributeError):
        source.name = "other"


def test_the_parser_is_made_once(site: Any) -> None:
    source = load(site)
    assert source.parser() is source.parser()


def test_a_parser_of_another_kind_is_refused(site: Any) -> None:
    source = load(site, hook("novel_parser()", "return OwnParser"))
    expected = "novel_parser returned the class OwnParser, not a novel_core.Parser."
    assert fault(source.parser) == expected


def test_the_spider_is_cores_unless_the_source_has_one(site: Any) -> None:
    assert load(site).spider() is NovelSpider
    site.add("none", extra=hook("novel_spider()", "return None"))
    site.add(
        "own",
        extra="@hookimpl\ndef novel_spider():\n"
        "    from novel_core.crawl.spider import NovelSpider\n"
        "    return type('Own', (NovelSpider,), {'name': 'own'})\n",
    )
    registry = site.registry(strict=True)
    assert registry.get("none").spider() is NovelSpider
    assert registry.get("own").spider().name == "own"


def test_a_spider_of_another_kind_is_refused(site: Any) -> None:
    source = load(site, hook("novel_spider()", "return dict"))
    assert fault(source.spider) == (
        "novel_spider returned the class dict, not a class of NovelSpider."
    )


def test_samples(site: Any) -> None:
    url = "https://good.example/n/7"
    assert load(site).samples() == (Sample(url, UrlKind.NOVEL, url, novel_id="7"),)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return None", "novel_samples returned NoneType, not samples."),
        ("return ['x']", "novel_samples gave str, not a Sample."),
        ("yield 1 / 0", "novel_samples raised ZeroDivisionError: division by zero."),
    ],
)
def test_samples_out_of_contract(site: Any, body: str, expected: str) -> None:
    assert fault(load(site, hook("novel_samples()", body)).samples) == expected


def test_an_item_is_kept_changed_or_left_out(site: Any, chapter: Chapter) -> None:
    site.add("none")
    site.add("keep", extra=hook("novel_before_save(item)", "return None"))
    site.add(
        "change",
        extra=hook("novel_before_save(item)", "return item.model_copy(update={'title': 'Two'})"),
    )
    site.add(
        "skip",
        extra="from novel_core import SkipItem\n"
        + hook("novel_before_save(item, context)", "raise SkipItem(context.source)"),
    )
    registry = site.registry(strict=True)
    assert registry.get("none").before_save(chapter, CONTEXT) is chapter
    assert registry.get("keep").before_save(chapter, CONTEXT) is chapter
    changed = registry.get("change").before_save(chapter, CONTEXT)
    assert (changed.title, chapter.title) == ("Two", "One")
    with pytest.raises(SkipItem, match="good"):
        registry.get("skip").before_save(chapter, CONTEXT)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return {}", "novel_before_save returned dict for a Chapter."),
        (
            "return item.model_copy(update={'source_id': '8'})",
            "novel_before_save changed the source_id of '9'.",
        ),
        ("return item.nothing", "novel_before_save raised AttributeError: "),
        ("raise SystemExit(1)", "novel_before_save raised SystemExit: 1."),
    ],
)
def test_a_save_hook_out_of_contract(site: Any, chapter: Chapter, body: str, expected: str) -> None:
    source = load(site, hook("novel_before_save(item)", body))
    assert fault(source.before_save, chapter, CONTEXT).startswith(expected)


def test_a_save_hook_of_another_source_is_not_asked(site: Any, chapter: Chapter) -> None:
    site.add("other", extra=hook("novel_before_save(item)", "raise AssertionError"))
    source = load(site)
    assert source.before_save(chapter, CONTEXT) is chapter


def test_every_plugin_is_told_whatever_the_others_do(site: Any) -> None:
    heard = "heard = []\n@hookimpl\ndef {}:\n    heard.append({})\n"
    telling = heard.format("novel_after_save(item, change)", "(item.title, change)")
    modules = [
        site.add("a", extra=telling + heard.format("novel_job_finished(job)", "job.id")),
        site.add("z", extra=telling),
    ]
    site.add("b", extra=hook("novel_after_save(item)", "raise ValueError('no')"))
    site.add("c", extra=hook("novel_after_save(ref)", "raise SystemExit(2)"))
    site.add(
        "d",
        extra="from novel_core import SkipItem\n"
        + hook("novel_after_save()", "raise SkipItem")
        + hook("novel_job_finished(job)", "raise OSError(job.status)"),
    )
    registry = site.registry(strict=True)
    novel = Novel(source_id="7", url="https://good.example/n/7", title="Title")
    problems = call_listeners(registry, "novel_after_save", item=novel, ref=REF, change=Change.NEW)
    assert [problem.message for problem in problems] == [
        "The plugin b (novel-b 1.0): novel_after_save raised ValueError: no.",
        "The plugin c (novel-c 1.0): novel_after_save raised SystemExit: 2.",
        "The plugin d (novel-d 1.0): novel_after_save raised SkipItem.",
    ]
    assert [
        problem.message for problem in call_listeners(registry, "novel_job_finished", job=JOB)
    ] == ["The plugin d (novel-d 1.0): novel_job_finished raised OSError: done."]
    first, last = (sys.modules[module].heard for module in modules)
    assert last == [("Title", Change.NEW)]
    # `a` defines `heard` twice: the second list took over, for both hooks.
    assert first == [("Title", Change.NEW), 1]


def test_nobody_listens(site: Any) -> None:
    site.add("good", extra=hook("novel_job_finished()", "pass"))
    registry = site.registry()
    assert registry.listening("novel_job_finished")
    assert not registry.listening("novel_after_save")
    assert not registry.listening("novel_spider")
