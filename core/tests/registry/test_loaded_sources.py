"""What a loaded source gives: checked answers, and its plugin's fault in words otherwise."""

from typing import Any

import pytest

from novel_core.crawl.spider import NovelSpider
from novel_core.errors import PluginError
from novel_core.items import Chapter
from novel_core.plugin import SaveContext, SkipItem
from novel_core.source import Sample, UrlKind

CONTEXT = SaveContext("good", 1)


@pytest.fixture
def chapter() -> Chapter:
    return Chapter(source_id="9", title="One", url="https://good.example/c/9", content_html="<p>x")


def fault(call: Any, *arguments: Any) -> str:
    with pytest.raises(PluginError) as raised:
        call(*arguments)
    return raised.value.message.removeprefix("The source good (novel-good 1.0): ")


def load(site: Any, members: str = "") -> Any:
    site.add("good", members=members)
    return site.registry(strict=True).get("good")


def test_what_is_known_of_it(site: Any) -> None:
    source = load(site)
    assert (source.name, source.title, str(source)) == ("good", "Good", "good (novel-good 1.0)")
    assert source.info.domains == ("good.example",)
    assert source.plugin.hooks == ("novel_sources",)


def test_the_parser_is_made_once(site: Any) -> None:
    source = load(site)
    assert source.parser() is source.parser()


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            "def parser(self): return OwnParser",
            "parser returned the class OwnParser, not a novel_core.Parser.",
        ),
        ("def parser(self): pass", "parser returned NoneType, not a novel_core.Parser."),
        ("def parser(self): return 1 / 0", "parser raised ZeroDivisionError: division by zero."),
    ],
)
def test_a_parser_out_of_contract(site: Any, members: str, expected: str) -> None:
    assert fault(load(site, members).parser) == expected


def test_the_spider_is_cores_unless_the_source_has_one(site: Any) -> None:
    site.add("good")
    site.add(
        "own",
        members="def spider(self):\n"
        "    from novel_core import NovelSpider\n"
        "    return type('Own', (NovelSpider,), {'name': 'own'})\n",
    )
    registry = site.registry(strict=True)
    assert registry.get("good").spider() is NovelSpider
    assert registry.get("own").spider().name == "own"


@pytest.mark.parametrize(
    ("answer", "kind"), [("dict", "the class dict"), ("None", "NoneType"), ("Own()", "Own")]
)
def test_a_spider_of_another_kind_is_refused(site: Any, answer: str, kind: str) -> None:
    source = load(site, f"def spider(self): return {answer}")
    assert fault(source.spider) == f"spider returned {kind}, not a class of NovelSpider."


def test_samples(site: Any) -> None:
    url = "https://good.example/n/7"
    assert load(site).samples() == (Sample(url, UrlKind.NOVEL, url, novel_id="7"),)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ("samples = None", "samples raised TypeError: 'NoneType' object is not iterable."),
        ("samples = ['x']", "samples has str, not a Sample."),
        (
            "samples = property(lambda self: 1 / 0)",
            "samples raised ZeroDivisionError: division by zero.",
        ),
    ],
)
def test_samples_out_of_contract(site: Any, members: str, expected: str) -> None:
    assert fault(load(site, members).samples) == expected


def test_an_item_is_kept_changed_or_left_out(site: Any, chapter: Chapter) -> None:
    site.add("none")
    site.add("keep", members="def before_save(self, item, context): return item")
    site.add(
        "change",
        members="def before_save(self, item, context):\n"
        "    return item.model_copy(update={'title': 'Two'})",
    )
    site.add(
        "skip",
        members="def before_save(self, item, context):\n"
        "    from novel_core import SkipItem\n"
        "    raise SkipItem(context.source)",
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
        ("return {}", "before_save returned dict for a Chapter."),
        ("return None", "before_save returned NoneType for a Chapter."),
        (
            "return item.model_copy(update={'source_id': '8'})",
            "before_save changed the source_id of '9'.",
        ),
        (
            "return item.model_copy(update={'content_html': None})",
            "before_save returned an item that is not valid: PageChanged: chapter 9: content_html",
        ),
        ("return item.nothing", "before_save raised AttributeError: "),
        ("raise SystemExit(1)", "before_save raised SystemExit: 1."),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_save_method_out_of_contract(
    site: Any, chapter: Chapter, body: str, expected: str
) -> None:
    source = load(site, f"def before_save(self, item, context): {body}")
    assert fault(source.before_save, chapter, CONTEXT).startswith(expected)


def test_the_save_method_of_another_source_is_not_asked(site: Any, chapter: Chapter) -> None:
    site.add("other", members="def before_save(self, item, context): raise AssertionError")
    assert load(site).before_save(chapter, CONTEXT) is chapter


OPTIONS = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Options:
    adult: bool = False
"""


def test_a_source_has_the_defaults_of_its_options(site: Any) -> None:
    source = load(site, OPTIONS).source
    assert source.options == source.Options(adult=False)
    site.add("plain")
    assert site.registry(strict=True).get("plain").source.options is None
