"""The look-alike's pages are read by the plugin's own parser, and say what the library holds."""

import random
import re
import zlib
from datetime import timedelta
from itertools import pairwise, product

import pytest

from novel_core.errors import Blocked, Locked, LoginRequired, NotFound
from novel_core.items import Access, Chapter, ChapterRef, Novel
from novel_core.page import Page, Parsed
from novel_core.source import PageKind
from novel_royalroad import SOURCE
from novel_royalroad_lookalike import (
    chapter_page,
    contents,
    error_pages,
    fiction_page,
    redesign_page,
    words,
)
from novel_royalroad_lookalike.library import Fiction, Library, LookalikeChapter
from novel_royalroad_lookalike.switches import Hidden, SiteSwitches, Style

parser = SOURCE.parser()
SWITCHES = SiteSwitches()


def index(fiction: Fiction, *, redesign: bool = False) -> Parsed:
    render = redesign_page.fiction if redesign else fiction_page.render
    return parser.parse(Page(fiction.url, PageKind.INDEX, render(fiction, SWITCHES).encode()))


def references(fiction: Fiction) -> list[ChapterRef]:
    return [item for item in index(fiction).items if isinstance(item, ChapterRef)]


def html_of(
    fiction: Fiction,
    chapter: LookalikeChapter,
    switches: SiteSwitches = SWITCHES,
    *,
    seed: int = 1,
    redesign: bool = False,
) -> str:
    render = redesign_page.chapter if redesign else chapter_page.render
    return render(fiction, chapter, switches, random.Random(seed))


def read(
    fiction: Fiction,
    chapter: LookalikeChapter,
    switches: SiteSwitches = SWITCHES,
    *,
    seed: int = 1,
    redesign: bool = False,
) -> Chapter:
    html = html_of(fiction, chapter, switches, seed=seed, redesign=redesign)
    page = Page(fiction.chapter_url(chapter), PageKind.CHAPTER, html.encode())
    (item,) = parser.parse(page).items
    assert isinstance(item, Chapter)
    return item


@pytest.fixture
def fiction() -> Fiction:
    return Fiction.generate(7)


def test_the_same_arguments_give_the_same_fiction() -> None:
    first, second = Fiction.generate(7, chapters=5), Fiction.generate(7, chapters=5)
    assert fiction_page.render(first, SWITCHES) == fiction_page.render(second, SWITCHES)
    assert [chapter.digest() for chapter in first.chapters] == [
        chapter.digest() for chapter in second.chapters
    ]
    other = Fiction.generate(7, chapters=5, seed=8)
    assert first.chapters[0].digest() != other.chapters[0].digest()


@pytest.mark.parametrize("chapters", [1, 2, 3, 4, 11, 24])
def test_fictions_of_any_length(chapters: int) -> None:
    fiction = Fiction.generate(7, chapters=chapters)
    parsed = index(fiction)
    assert parsed.warnings == ()
    assert len(parsed.items) == 1 + chapters
    assert all(read(fiction, chapter).content_html for chapter in fiction.chapters)


@pytest.mark.parametrize("size", [16_000, 40_000])
def test_pages_have_the_wanted_size(size: int) -> None:
    fiction = Fiction.generate(7, chapters=24, chapter_bytes=size)
    for chapter in fiction.chapters:
        assert 0.9 * size < len(html_of(fiction, chapter).encode()) < 1.1 * size


def test_the_smallest_pages_are_little_but_their_frame() -> None:
    fiction = Fiction.generate(7, chapters=3, chapter_bytes=1)
    fiction.chapters[0].paragraphs = ["<p>The end.</p>"]
    assert 8_000 < len(html_of(fiction, fiction.chapters[0]).encode()) < 10_500
    assert all(len(chapter.paragraphs) >= 3 for chapter in fiction.chapters[1:])


def test_fiction_page(fiction: Fiction) -> None:
    parsed = index(fiction)
    novel = parsed.items[0]
    assert isinstance(novel, Novel)
    assert parsed.warnings == ()
    assert (novel.source_id, novel.title) == ("7", fiction.title)
    assert [(author.name, author.source_id) for author in novel.authors] == [
        (fiction.author, str(fiction.author_id))
    ]
    assert (novel.type, novel.status, novel.language) == ("Original", "ongoing", "en-US")
    assert [(tag.name, tag.slug) for tag in novel.tags] == list(fiction.tags)
    assert ("Portal Fantasy / Isekai", "summoned_hero") in fiction.tags
    assert novel.warnings == fiction.warnings
    assert novel.cover_url == fiction.cover_url
    assert [volume.title for volume in novel.volumes] == ["Book 1", "Book 2"]
    assert novel.next_chapter_at == fiction.next_chapter
    assert novel.statistics.scores == {
        name.lower(): score for name, score in fiction.scores.items()
    }
    counts = fiction.counts
    assert counts is not None
    read_counts = novel.statistics.model_dump(exclude={"scores", "other"})
    assert read_counts == {name: getattr(counts, name) for name in read_counts}


def test_chapter_list(fiction: Fiction) -> None:
    expected = [
        (str(chapter.id), chapter.title, fiction.chapter_url(chapter), chapter.published)
        for chapter in fiction.chapters
    ]
    assert expected == [
        (ref.source_id, ref.title, ref.url, ref.published_at) for ref in references(fiction)
    ]
    volumes = [ref.volume_id for ref in references(fiction)]
    assert volumes[0] == "71"
    assert volumes[-1] is None
    assert set(volumes) == {"71", "72", None}


def test_chapter_list_has_the_oddities_of_the_site(fiction: Fiction) -> None:
    dates = [chapter.published for chapter in fiction.chapters]
    ids = [chapter.id for chapter in fiction.chapters]
    assert [at for at, (one, two) in enumerate(pairwise(dates)) if one > two] == [2]
    assert [at for at, (one, two) in enumerate(pairwise(ids)) if one > two] == [2]
    assert [at for at, (one, two) in enumerate(pairwise(dates)) if one == two] == [0]
    titles = "\n".join(chapter.title for chapter in fiction.chapters)
    assert "]" in titles
    assert "'" in titles


def test_table_and_script_agree(fiction: Fiction) -> None:
    html = fiction_page.render(fiction, SWITCHES)
    without_script = re.sub(r"window\.chapters = .*", "", html)
    page = Page(fiction.url, PageKind.INDEX, without_script.encode())
    assert [item for item in parser.parse(page).items if isinstance(item, ChapterRef)] == (
        references(fiction)
    )


def test_a_bare_fiction_lacks_what_may_be_missing() -> None:
    fiction = Fiction.bare(9)
    parsed = index(fiction)
    (novel,) = parsed.items
    assert isinstance(novel, Novel)
    assert (novel.type, novel.status, novel.cover_url) == ("Fan Fiction", "stub", None)
    assert (novel.warnings, novel.volumes) == ((), ())
    assert novel.statistics.views is None
    assert "Warning" not in fiction_page.render(fiction, SWITCHES)
    assert 'data-chapters="0"' in fiction_page.render(fiction, SWITCHES)


def test_chapter_page(fiction: Fiction) -> None:
    chapter = fiction.chapters[1]
    item = read(fiction, chapter)
    assert (item.source_id, item.title) == (str(chapter.id), chapter.title)
    assert item.url == fiction.chapter_url(chapter)
    assert (item.published_at, item.edited_at) == (chapter.published, None)
    assert item.content_html == "\n".join(chapter.paragraphs)
    assert (item.note_before_html, item.note_after_html) == (
        chapter.note_before,
        chapter.note_after,
    )
    assert item.note_before_html
    assert item.note_after_html
    assert read(fiction, fiction.chapters[3]).edited_at == fiction.chapters[3].edited


@pytest.mark.parametrize(("hidden", "style"), list(product(Hidden, Style)))
def test_hidden_sentence(fiction: Fiction, hidden: Hidden, style: Style) -> None:
    chapter = fiction.chapters[1]
    plain = "\n".join(chapter.paragraphs)
    chapter.hidden = hidden
    switches = SiteSwitches(hidden_style=style)
    html = html_of(fiction, chapter, switches)
    shown = [sentence for sentence in words.HIDDEN if sentence in html]
    item = read(fiction, chapter, switches)
    everything = item.content_html + item.note_before_html + item.note_after_html
    assert len(shown) == (hidden is not Hidden.NONE)
    assert html.count("".join(shown) or "</html>") == 1 + (hidden in {Hidden.IN_NOTE, Hidden.TWICE})
    has_rule = re.search(r"<style>[^<]*\bnone\b", html, re.IGNORECASE) is not None
    assert has_rule == (hidden is not Hidden.NONE and style not in {Style.INLINE, Style.SHAPE})
    assert not any(sentence in everything for sentence in words.HIDDEN)
    assert set(re.findall(r"\w+", plain)) <= set(re.findall(r"\w+", everything))


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        (Hidden.NONE, ("The page has 0 hidden sentences instead of one.",)),
        (Hidden.SIBLING, ()),
        (Hidden.TWICE, ("The page has 2 hidden sentences instead of one.",)),
        (Hidden.IN_NOTE, ("The page has 2 hidden sentences instead of one.",)),
    ],
)
@pytest.mark.parametrize("redesign", [False, True])
def test_another_number_of_hidden_sentences_only_warns(
    fiction: Fiction, hidden: Hidden, told: tuple[str, ...], redesign: bool
) -> None:
    chapter = fiction.chapters[1]
    chapter.hidden = hidden
    html = html_of(fiction, chapter, redesign=redesign)
    parsed = parser.parse(Page(fiction.chapter_url(chapter), PageKind.CHAPTER, html.encode()))
    assert (len(parsed.items), parsed.warnings) == (1, told)


@pytest.mark.parametrize("redesign", [False, True])
def test_an_address_in_a_title_is_protected(fiction: Fiction, redesign: bool) -> None:
    title = "Write to desk@bridge.example + me"
    chapter = fiction.chapters[0]
    fiction.rename(chapter.id, title)
    fiction.title = "The desk@bridge.example"
    list_page = (redesign_page.fiction if redesign else fiction_page.render)(fiction, SWITCHES)
    row = list_page.partition('class="chapter-row"')[2].partition("</tr>")[0]
    heading = re.search(r"<h1[^>]*>.*?</h1>", html_of(fiction, chapter, redesign=redesign))
    assert heading is not None
    for markup in (row, heading[0], list_page[list_page.index("<h1") : list_page.index("</h1>")]):
        assert "data-cfemail" in markup
        assert "desk@" not in markup
    assert read(fiction, chapter, redesign=redesign).title == title
    parsed = index(fiction, redesign=redesign)
    assert [item.title for item in parsed.items[:2]] == [fiction.title, title]  # type: ignore[union-attr]
    by_table = Page(
        fiction.url,
        PageKind.INDEX,
        re.sub(r"window\.chapters = .*", "", fiction_page.render(fiction, SWITCHES)).encode(),
    )
    assert parser.parse(by_table).items[1:] == parsed.items[1:]


def test_two_requests_differ_in_markup_only(fiction: Fiction) -> None:
    for chapter in fiction.chapters:
        assert html_of(fiction, chapter, seed=1) != html_of(fiction, chapter, seed=2)
        assert read(fiction, chapter, seed=1) == read(fiction, chapter, seed=2)
    classes = re.findall(r'<p class="(cn[^"]{42})"', html_of(fiction, fiction.chapters[0]))
    assert len(set(classes)) == len(classes) > 10


def test_fast_pages_have_one_class_for_all_paragraphs(fiction: Fiction) -> None:
    chapter, fast = fiction.chapters[0], SiteSwitches(fast=True)
    html = html_of(fiction, chapter, fast)
    assert len(set(re.findall(r'<p class="(cn[^"]{42})"', html))) == 1
    assert read(fiction, chapter, fast) == read(fiction, chapter)
    assert html != html_of(fiction, chapter, fast, seed=2)


def test_texts_of_all_kinds(fiction: Fiction) -> None:
    texts = [read(fiction, chapter).content_html for chapter in fiction.chapters]
    assert 'rowspan="2"' in texts[4]
    assert "<summary>Belden's sheet</summary>" in texts[5]
    assert [at for at, text in enumerate(texts) if "<img" in text] == [6]
    assert "\U0001d50e\U0001d52b\U0001d52c\U0001d534" in texts[7]
    assert "\u200b" in texts[7]
    assert "\n".join(contents.QUOTES_THE_SITE) in texts[8]
    assert "rgba(22, 145, 121, 1)" in texts[9]
    assert "guild.desk@harrow-bridge.example" in texts[10]
    assert 'href="mailto:belden@mossgrave.example"' in texts[10]
    html = html_of(fiction, fiction.chapters[10])
    assert "data-cfemail" in html
    assert "guild.desk" not in html


def test_a_short_fiction_has_no_image() -> None:
    short = Fiction.generate(7, chapters=19)
    assert not any("<img" in read(short, chapter).content_html for chapter in short.chapters)


def test_an_image_only_text(fiction: Fiction) -> None:
    chapter = fiction.chapters[0]
    chapter.paragraphs = contents.IMAGE_ONLY
    assert read(fiction, chapter).content_html.count("<img") == 2


def test_neighbours(fiction: Fiction) -> None:
    first, second, third = fiction.chapters[:3]
    assert "rel='prev'" not in html_of(fiction, first)
    assert f"rel='next' href='{fiction.chapter_path(second)}'" in html_of(fiction, first)
    fiction.remove(second.id)
    assert f"rel='next' href='{fiction.chapter_path(third)}'" in html_of(fiction, first)
    last = html_of(fiction, fiction.chapters[-1])
    assert "rel='next'" not in last
    assert last.count('disabled="disabled">') == 3  # two next buttons and the one for donations


def test_normal_pages_carry_the_proxys_script(fiction: Fiction) -> None:
    chapter = fiction.chapters[0]
    for html in (
        fiction_page.render(fiction, SWITCHES),
        html_of(fiction, chapter),
        redesign_page.fiction(fiction, SWITCHES),
        html_of(fiction, chapter, redesign=True),
    ):
        assert "/cdn-cgi/challenge-platform/scripts/jsd/main.js" in html
        assert "__CF$cv$params" in html


def test_redesign_says_the_same(fiction: Fiction) -> None:
    legacy, redesign = index(fiction), index(fiction, redesign=True)
    assert legacy.items[1:] == redesign.items[1:]
    novel, again = legacy.items[0], redesign.items[0]
    assert isinstance(novel, Novel)
    assert isinstance(again, Novel)
    unknown = {"next_chapter_at": True, "statistics": {"words"}}
    assert novel.model_dump(exclude=unknown) == again.model_dump(exclude=unknown)
    for chapter in fiction.chapters:
        item = read(fiction, chapter)
        assert item.model_copy(update={"edited_at": None}) == read(fiction, chapter, redesign=True)


def test_added_chapter(fiction: Fiction) -> None:
    known = list(fiction.chapters)
    chapter = fiction.add_chapter()
    named = fiction.add_chapter("An End", volume_id=72)
    assert chapter.id > max(other.id for other in known)
    assert chapter.published == max(other.published for other in known) + timedelta(days=1)
    assert (named.slug, named.volume_id) == ("an-end", 72)
    assert [ref.title for ref in references(fiction)][-2:] == [chapter.title, "An End"]
    assert Fiction.bare(9).add_chapter().id == 9_001_006


def test_removed_and_restored_chapter(fiction: Fiction) -> None:
    before = index(fiction)
    chapter = fiction.chapters[4]
    fiction.remove(chapter.id)
    assert str(chapter.id) not in [ref.source_id for ref in references(fiction)]
    assert 'data-chapters="23"' in fiction_page.render(fiction, SWITCHES)
    fiction.restore(chapter.id)
    assert index(fiction) == before


def test_unlisted_chapter(fiction: Fiction) -> None:
    chapter = fiction.chapters[4]
    chapter.unlisted = True
    assert str(chapter.id) not in [ref.source_id for ref in references(fiction)]
    assert read(fiction, chapter).source_id == str(chapter.id)


def test_edited_chapter(fiction: Fiction) -> None:
    chapter = fiction.chapters[0]
    digest, rest = chapter.digest(), tuple(chapter.paragraphs[1:])
    fiction.edit(chapter.id, "Sorry & thanks\u2026")
    item = read(fiction, chapter)
    assert item.content_html == "\n".join(("<p>Sorry &amp; thanks\u2026</p>", *rest))
    assert item.edited_at == chapter.published + timedelta(hours=1)
    assert chapter.digest() != digest
    fiction.edit(chapter.id, "<h2>Once more</h2>")
    assert read(fiction, chapter).content_html.startswith("<h2>Once more</h2>")
    assert chapter.edited == chapter.published + timedelta(hours=2)


def test_locked_chapter(fiction: Fiction) -> None:
    chapter = fiction.chapters[2]
    fiction.lock(chapter.id)
    assert [ref.access for ref in references(fiction)].count(Access.LOCKED) == 1
    for redesign in (False, True):
        assert "chapter-content" not in re.sub(
            r"<style>.*?</style>", "", html_of(fiction, chapter, redesign=redesign), flags=re.DOTALL
        )
        with pytest.raises(Locked):
            read(fiction, chapter, redesign=redesign)
    fiction.unlock(chapter.id)
    assert read(fiction, chapter).content_html


def test_moved_and_renamed_chapter(fiction: Fiction) -> None:
    chapter = fiction.chapters[5]
    fiction.move(chapter.id, 0)
    fiction.rename(chapter.id, "It's [here]")
    first = references(fiction)[0]
    assert (first.source_id, first.title) == (str(chapter.id), "It's [here]")
    assert first.url.endswith(f"/chapter/{chapter.id}/its-here")


def test_a_stub_has_no_chapters(fiction: Fiction) -> None:
    fiction.stub()
    (novel,) = index(fiction).items
    assert isinstance(novel, Novel)
    assert novel.status == "stub"
    assert len(fiction.chapters) == 24


def test_an_unknown_chapter(fiction: Fiction) -> None:
    with pytest.raises(KeyError):
        fiction.chapter(1)
    with pytest.raises(TypeError):
        fiction.add_chapter(colour="red")


def test_chapters_are_found_in_the_library(fiction: Fiction) -> None:
    library = Library([fiction, Fiction.generate(8, chapters=2)])
    chapter = library.fictions[8].add_chapter()
    assert library.find_chapter(chapter.id) == (library.fictions[8], chapter)
    fiction.remove(fiction.chapters[0].id)
    assert library.find_chapter(fiction.chapters[0].id) == (fiction, fiction.chapters[0])
    assert library.find_chapter(1) is None


def test_many_chapters_weigh_little() -> None:
    fiction = Fiction.generate(7, chapters=5000)
    assert len(index(fiction).items) == 5001


def test_pictures() -> None:
    library = Library()
    png = library.image("/a.png")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    start = png.index(b"IDAT") + 4
    assert len(zlib.decompress(png[start : png.index(b"IEND") - 8])) == 96 * (1 + 64 * 3)
    jpeg = library.image("/public/covers-large/7-a.jpg")
    assert jpeg.startswith(b"\xff\xd8\xff\xe0")
    assert jpeg.endswith(b"\xff\xd9")
    assert library.image("/b.png") != png


@pytest.mark.parametrize(
    ("html", "status", "error"),
    [
        (error_pages.not_found(), 404, NotFound),
        (error_pages.not_found(), 200, NotFound),
        (error_pages.challenge(), 403, Blocked),
        (error_pages.login("/fiction/7?a=b"), 200, LoginRequired),
    ],
)
def test_error_pages(html: str, status: int, error: type[Exception]) -> None:
    url = "https://www.royalroad.com/fiction/7/a"
    with pytest.raises(error):
        parser.parse(Page(url, PageKind.INDEX, html.encode(), status=status))
