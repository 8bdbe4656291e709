"""Every oddity of the site's pages, by what is saved of it in the end."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from workbench import LIBRARY_TABLES, Workbench

from novel_core.library.chapters import ChapterText
from novel_royalroad_lookalike import (
    ChapterFault,
    Fiction,
    Hidden,
    LookalikeServer,
    Style,
    Times,
    contents,
    words,
)
from novel_royalroad_lookalike.library import LookalikeChapter

URL = "https://www.royalroad.com/fiction/7"
#: At a word's beginning it is a mark that nobody sees, and no part of the text.
NO_WIDTH = "\u200b"
LAYOUTS = pytest.mark.parametrize("redesign", [False, True], ids=["legacy", "redesign"])
NOTE = "<p>A word before. And another one.</p>"
NOTE_AFTER = "<p>A word after. And another one.</p>"


def saved_html(bench: Workbench) -> list[str]:
    """All markup the library holds."""
    texts = bench.rows("SELECT content_html, note_before_html, note_after_html FROM chapter_texts")
    descriptions = bench.rows("SELECT description_html FROM novels")
    return [markup for row in (*texts, *descriptions) for markup in row]


def spoken(markup: str) -> list[str]:
    """The words of some markup."""
    return html.unescape(re.sub(r"<[^>]*>", " ", markup)).split()


def save_text(bench: Workbench, fiction: Fiction, *paragraphs: str) -> ChapterText:
    """The first chapter as saved, after it was given this text."""
    chapter = fiction.chapters[0]
    chapter.paragraphs = paragraphs
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == ("done", 8)
    return bench.read(URL, f"@{chapter.id}")


@LAYOUTS
def test_a_fiction_is_saved_with_all_that_describes_it(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    bench.ingest(URL)
    novel = bench.novel(URL)
    assert (novel.summary.title, novel.summary.url) == (fiction.title, URL)
    assert (novel.summary.status, novel.type, novel.language) == ("ongoing", "Original", "en-US")
    assert novel.summary.cover_url == fiction.cover_url
    assert novel.description_html == fiction.description.strip()
    assert novel.warnings == ("Profanity", "Graphic Violence")
    assert novel.published_at == min(chapter.published for chapter in fiction.chapters)
    assert novel.source_updated_at == max(chapter.published for chapter in fiction.chapters)
    assert novel.next_chapter_at == (None if redesign else fiction.next_chapter)
    assert bench.rows("SELECT name, source_author_id, url FROM authors") == [
        (
            fiction.author,
            str(fiction.author_id),
            f"https://www.royalroad.com/profile/{fiction.author_id}",
        )
    ]
    counts = fiction.counts
    assert counts is not None
    assert novel.statistics == {
        "views": counts.views,
        "average_views": counts.average_views,
        "followers": counts.followers,
        "favorites": counts.favorites,
        "ratings": counts.ratings,
        "pages": counts.pages,
        "words": None if redesign else counts.words,  # not known where the redesign tells them
        "scores": {name.lower(): score for name, score in fiction.scores.items()},
        "other": {},
    }
    assert set(novel.statistics["scores"]) == {"overall", "style", "story", "grammar", "character"}


@LAYOUTS
def test_tags_are_saved_with_their_common_names(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    fiction.tags = [
        ("Sci-fi", "sci_fi"),
        ("Portal Fantasy / Isekai", "summoned_hero"),
        ("Time Loop", "loop"),
        ("Short Story", "one_shot"),
        ("Strong Lead", "strong_lead"),
    ]
    bench.ingest(URL)
    assert bench.novel(URL).tags == (
        {"kind": "genre", "slug": "science-fiction", "name": "Sci-fi"},
        {"kind": "tag", "slug": "portal-fantasy", "name": "Portal Fantasy / Isekai"},
        {"kind": "tag", "slug": "time-loop", "name": "Time Loop"},
        {"kind": "genre", "slug": "short-story", "name": "Short Story"},
        {"kind": "tag", "slug": "strong_lead", "name": "Strong Lead"},
    )


@LAYOUTS
def test_a_stub_of_fan_fiction_without_anything(
    bench: Workbench, site: LookalikeServer, redesign: bool
) -> None:
    site.switches.redesign = redesign
    site.library.fictions[9] = Fiction.bare(9)
    job = bench.ingest("https://www.royalroad.com/fiction/9")
    assert (job.status, job.chapters["total"]) == ("done", 0)
    novel = bench.novel("royalroad:9")
    assert (novel.type, novel.summary.status) == ("Fan Fiction", "stub")
    assert (novel.summary.cover_url, novel.warnings, novel.volumes) == (None, (), ())
    assert [tag["slug"] for tag in novel.tags] == ["adventure"]
    assert novel.statistics.pop("scores") in ({}, None)
    assert not any(novel.statistics.values())
    assert novel.statistics["views"] is None


@LAYOUTS
@pytest.mark.parametrize("has_script", [True, False], ids=["script", "table"])
def test_titles_volumes_and_order(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool, has_script: bool
) -> None:
    site.switches.redesign = redesign
    site.switches.list_script = has_script
    first, second, *_ = fiction.chapters
    fiction.rename(first.id, "Write to desk@bridge.example, [they] said")
    second.volume_id = None
    second.published = first.published
    assert {chapter.volume_id for chapter in fiction.chapters} == {None, 71, 72}
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == ("done", 8)
    saved = bench.chapters(URL)
    assert [(chapter.source_id, chapter.title, chapter.published_at) for chapter in saved] == [
        (str(chapter.id), chapter.title, chapter.published) for chapter in fiction.chapters
    ]
    assert [chapter.title for chapter in saved[:4:3]] == [
        "Write to desk@bridge.example, [they] said",
        "What the Keeper's Ledger Didn't Say",
    ]
    dates = [chapter.published_at for chapter in saved]
    assert dates[0] == dates[1]
    assert dates != sorted(dates, key=str)
    names = {None: None, 71: "Book 1", 72: "Book 2"}
    tells_volumes = has_script or not redesign  # the rows of the redesign do not
    assert [chapter.volume for chapter in saved] == [
        names[chapter.volume_id] if tells_volumes else None for chapter in fiction.chapters
    ]


@LAYOUTS
def test_a_cut_chapter_list_marks_nothing_removed(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    site.switches.redesign = redesign
    site.switches.list_script, site.switches.list_rows = False, 3
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", "page_changed")
    assert "3 of the 8 chapters" in str(job.error_message)
    assert bench.dump(*LIBRARY_TABLES) == before
    site.switches.list_script = True
    assert bench.ingest(URL).chapters["unchanged"] == 8


@LAYOUTS
def test_notes_are_kept_apart_from_the_text(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    both, before, after, neither, *_ = fiction.chapters
    for chapter in fiction.chapters[:4]:
        chapter.paragraphs = ["<p>The text.</p>"]
        chapter.note_before = NOTE if chapter in {both, before} else ""
        chapter.note_after = NOTE_AFTER if chapter in {both, after} else ""
    bench.ingest(URL)
    texts = [bench.read(URL, f"@{chapter.id}") for chapter in (both, before, after, neither)]
    assert {text.content_html for text in texts} == {"<p>The text.</p>"}
    assert [(text.note_before_html, text.note_after_html) for text in texts] == [
        (NOTE, NOTE_AFTER),
        (NOTE, ""),
        ("", NOTE_AFTER),
        ("", ""),
    ]


def test_the_first_and_the_last_chapter_are_like_any_other(
    bench: Workbench, fiction: Fiction
) -> None:
    bench.ingest(URL)
    for number, chapter in ((1, fiction.chapters[0]), (8, fiction.chapters[-1])):
        text = bench.read(URL, str(number))
        assert (text.source_id, text.url) == (str(chapter.id), fiction.chapter_url(chapter))
        written = "\n".join(chapter.paragraphs).replace(NO_WIDTH, "")
        assert spoken(text.content_html) == spoken(written)


@LAYOUTS
@pytest.mark.parametrize("style", list(Style))
def test_the_hidden_sentence_is_nowhere_and_all_else_is_there(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, style: Style, redesign: bool
) -> None:
    site.switches.redesign, site.switches.hidden_style = redesign, style
    while len(fiction.chapters) < len(Hidden):
        fiction.add_chapter()
    for chapter, hidden in zip(fiction.chapters, Hidden, strict=True):
        chapter.hidden = hidden
        chapter.paragraphs = (*contents.TABLE, *contents.QUOTES_THE_SITE)
        chapter.note_before, chapter.note_after = NOTE, NOTE_AFTER
    job = bench.ingest(URL)
    everything = "\n".join(saved_html(bench))
    assert [sentence for sentence in words.HIDDEN if sentence in everything] == []
    expected = spoken("\n".join((*contents.TABLE, *contents.QUOTES_THE_SITE)))
    for chapter in fiction.chapters:
        text = bench.read(URL, f"@{chapter.id}")
        assert (chapter.hidden, spoken(text.content_html)) == (chapter.hidden, expected)
        assert (text.note_before_html, text.note_after_html) == (NOTE, NOTE_AFTER)
    assert "".join(contents.QUOTES_THE_SITE) in everything.replace("\n", "")
    warned = [event.message for event in bench.events(job.id) if event.kind == "warning"]
    assert sorted(message.partition(": ")[2] for message in warned) == [
        "The page has 0 hidden sentences instead of one.",
        "The page has 2 hidden sentences instead of one.",
        "The page has 2 hidden sentences instead of one.",
    ]


@LAYOUTS
def test_a_text_of_images_only(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    text = save_text(bench, fiction, *contents.IMAGE_ONLY)
    assert re.findall(r'src="([^"]+)"', text.content_html) == [
        "https://i.imgur.com/lk1map.png",
        "https://www.royalroadcdn.com/public/chapters/lk2map.jpg",
    ]
    assert "<figure>" in text.content_html
    assert text.words == 0
    assert (
        bench.value(
            "SELECT count(*) FROM pages WHERE kind = 'image' AND size > 0 AND requested_url LIKE '%/lk_map.%'"
        )
        == 2
    )


def test_tables_keep_their_spans(bench: Workbench, fiction: Fiction) -> None:
    assert save_text(bench, fiction, *contents.TABLE).content_html == (
        "<p>The sheet said this much.</p>\n"
        '<div><table class="border"><tbody><tr><td rowspan="2">Belden</td><td colspan="2">Level 7. Scribe.</td></tr>'
        "<tr><td>Grit</td><td>12</td></tr></tbody></table></div>\n"
        "<p>Belden folded it twice. It did not get better.</p>"
    )


def test_spoilers_can_be_opened(bench: Workbench, fiction: Fiction) -> None:
    assert save_text(bench, fiction, *contents.SPOILER).content_html == (
        "<p>Fair warning. A sheet follows.</p>\n"
        "<details><summary>Belden's sheet</summary><p>Grit: 12</p><p>Luck: none</p></details>\n"
        "<details><summary>Spoiler</summary><p>The bell was cracked all along.</p></details>\n"
        "<p>Onwards.</p>"
    )


def test_odd_characters_are_kept(bench: Workbench, fiction: Fiction) -> None:
    text = save_text(bench, fiction, *contents.ODD_CHARACTERS)
    written = "\n".join(contents.ODD_CHARACTERS).replace(NO_WIDTH, "")
    assert html.unescape(text.content_html) == html.unescape(written)


@LAYOUTS
def test_addresses_are_readable(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    fiction.title = "Letters to guild@bridge.example"
    fiction.chapters[0].note_after = "<p>Mail me: author@inn.example</p>"
    in_link = '<p><a href="/profile/7">Ask desk@bridge.example, please</a>.</p>'
    text = save_text(bench, fiction, *contents.EMAIL, in_link)
    assert text.content_html == (
        "<p>The letterhead said guild.desk@harrow-bridge.example, and nothing else.</p>\n"
        '<p>Write to <a href="mailto:belden@mossgrave.example" rel="noopener noreferrer nofollow">Belden</a>'
        " if you must.</p>\n"
        '<p><a href="https://www.royalroad.com/profile/7" rel="noopener noreferrer nofollow">'
        "Ask desk@bridge.example, please</a>.</p>"
    )
    assert text.note_after_html == "<p>Mail me: author@inn.example</p>"
    assert bench.novel(URL).summary.title == fiction.title
    assert not any(
        "cfemail" in markup or "email-protection" in markup for markup in saved_html(bench)
    )


@LAYOUTS
def test_styles_become_classes_and_links_absolute(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    fiction.description += '<p style="text-align: center"><a href="/fiction/1">Mine, too</a></p>'
    for chapter in fiction.chapters[1:]:
        chapter.note_before = "".join(contents.FORMATTED)
    text = save_text(bench, fiction, *contents.FORMATTED)
    assert text.content_html == (
        '<p class="align-center"><span class="large"><strong>Part Two</strong></span></p>\n'
        '<p><span class="text-teal">A green voice.</span> <u>Under</u> <s>over</s> x<sup>2</sup> H<sub>2</sub>O</p>\n'
        '<p><a href="https://www.royalroad.com/profile/77" rel="noopener noreferrer nofollow">A relative link</a>'
        ' and <a href="https://example.org/" rel="noopener noreferrer nofollow">another one</a>.</p>\n'
        "<ul><li>rope</li><li>chalk</li></ul>\n<h2>A heading</h2>\n<p>Line one.<br>Line two.</p>"
    )
    everything = saved_html(bench)
    assert any("align-center" in markup and "Mine, too" in markup for markup in everything)
    for markup in everything:
        assert " style=" not in markup
        assert re.findall(r' class="c[mn][^"]*"', markup) == []
        links = re.findall(r'(?:href|src)="([^"]*)"', markup)
        assert all(link.startswith(("https://", "mailto:")) for link in links)


def test_both_layouts_are_saved_alike(
    bench: Workbench, site: LookalikeServer, fiction: Fiction
) -> None:
    fiction.lock(fiction.chapters[6].id)
    bench.ingest(URL)
    tables = ("volumes", "novel_authors", "novel_tags", "novel_warnings", "chapter_texts")
    before = bench.dump(*tables)
    texts = [bench.read(URL, f"@{chapter.id}") for chapter in held(fiction)]
    listed = bench.chapters(URL)
    site.switches.redesign = True
    job = bench.ingest(URL, recheck="all")
    assert (job.status, job.chapters["unchanged"], job.chapters["locked"]) == ("done", 7, 1)
    assert bench.dump(*tables) == before
    assert bench.chapters(URL) == listed
    again = [bench.read(URL, f"@{chapter.id}") for chapter in held(fiction)]
    # The redesign is not known to tell when a chapter was edited.
    assert [replace(text, edited_at=None) for text in again] == [
        replace(text, edited_at=None) for text in texts
    ]


def held(fiction: Fiction) -> list[LookalikeChapter]:
    return [chapter for chapter in fiction.chapters if not chapter.locked]


@LAYOUTS
def test_locked_chapters_are_recorded_and_not_asked_for(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    site.switches.redesign = redesign
    locked = fiction.lock(fiction.chapters[4].id)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["locked"], job.chapters["new"]) == ("done", 1, 7)
    assert bench.chapters(URL)[4].state == "locked"
    assert not any(f"/chapter/{locked.id}/" in path for path in site.paths())


@LAYOUTS
def test_a_chapter_that_turns_out_to_be_locked_counts_as_locked(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, redesign: bool
) -> None:
    """Where only the table lists the chapters, nothing tells beforehand."""
    site.switches.redesign, site.switches.list_script = redesign, False
    fiction.lock(fiction.chapters[4].id)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 7, 0)
    assert (job.chapters["locked"], bench.failures(job.id)) == (1, [])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (ChapterFault.NOT_FOUND, "not_found"),
        (ChapterFault.NOT_FOUND_200, "not_found"),
        (ChapterFault.CHALLENGE, "blocked"),
        (ChapterFault.LOGIN, "login_required"),
        (ChapterFault.UNKNOWN_LAYOUT, "page_changed"),
    ],
)
def test_pages_in_place_of_the_fiction(
    bench: Workbench, site: LookalikeServer, fault: ChapterFault, code: str
) -> None:
    site.switches.faults["fiction:7"] = fault
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", code)
    assert bench.value("SELECT count(*) FROM novels") == 0
    site.switches.faults.clear()
    assert bench.ingest(URL).chapters["new"] == 8  # its pages carry the bot check's script, too


@pytest.mark.parametrize(
    "fault", [ChapterFault.LIMITED, ChapterFault.UNAVAILABLE, ChapterFault.ERROR_500]
)
def test_a_bad_moment_of_one_page_is_waited_out(
    bench: Workbench, site: LookalikeServer, fiction: Fiction, fault: ChapterFault
) -> None:
    site.switches.retry_after = 0
    path = fiction.chapter_path(fiction.chapters[3])
    site.switches.faults[path] = Times(fault, 2)
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"], job.chapters["failed"]) == ("done", 8, 0)
    assert site.count(path) == 3


def test_a_chapter_list_of_50_mb_is_refused_in_words(
    bench: Workbench, site: LookalikeServer
) -> None:
    bench.ingest(URL)
    before = bench.dump(*LIBRARY_TABLES)
    site.switches.faults["fiction:7"] = ChapterFault.HUGE_LIST
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == ("error", "page_too_large")
    assert "larger than the limit" in str(job.error_message)
    assert bench.dump(*LIBRARY_TABLES) == before
