"""What is read of single pages and answers, and what the theme is known by."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workbench import registry_of

from novel_core import Chapter, ChapterRef, Page, PageKind, Parser, Recognition, Site, SourceError
from novel_core.errors import Locked, PageChanged
from novel_wordpress.fictioneer.source import FictioneerSource
from novel_wordpress_lookalike import fictioneer_pages as pages
from novel_wordpress_lookalike.stories import FictioneerStory

ORIGIN = "https://weir.example"
GRAPH = f"{ORIGIN}/wp-json/storygraph/v1/story/13"
STORY = FictioneerStory.generate(13, chapters=3)
FAMILIES = registry_of("wordpress=novel_wordpress").families


def parser(**options: str) -> Parser:
    return FictioneerSource(
        Site("weir", "fictioneer", ORIGIN, time_zone="Asia/Tokyo", options=options)
    ).parser()


def page_of(text: str, url: str, kind: PageKind = PageKind.INDEX, *chapters: str) -> Page:
    headers = {"content-type": "application/json"} if "/wp-json/" in url else {}
    return Page(url, kind, text.encode(), headers=headers, chapters=chapters)


def chapter_of(*paragraphs: str) -> Chapter:
    story = FictioneerStory.generate(13, chapters=2)
    story.chapters[1].paragraphs = list(paragraphs)
    text = pages.chapter(ORIGIN, story, story.chapters[1])
    [item] = parser().parse(page_of(text, f"{ORIGIN}/chapter/x/", PageKind.CHAPTER, "15")).items
    assert isinstance(item, Chapter)
    return item


def texts(posts: Any, *chapters: str) -> list[Any]:
    url = f"{ORIGIN}/wp-json/wp/v2/fcn_chapter?include={','.join(chapters)}"
    api = parser(api=f"{ORIGIN}/wp-json/")
    return list(api.parse(page_of(json.dumps(posts), url, PageKind.CHAPTER, *chapters)).items)


def test_times_on_pages_are_the_sites_clock() -> None:
    items = parser().parse(page_of(pages.story(ORIGIN, STORY), f"{ORIGIN}/story/a/")).items
    [first, *_] = [item for item in items if isinstance(item, ChapterRef)]
    assert first.published_at is not None
    assert first.published_at.isoformat() == "2024-01-08T12:00:00+09:00"


def test_rows_without_a_link_and_broken_times() -> None:
    text = pages.story(ORIGIN, STORY).replace(f'href="{ORIGIN}/chapter/part-15/"', "")
    text = text.replace(f'datetime="{STORY.chapters[0].published}"', 'datetime="9999999999999999"')
    items = parser().parse(page_of(text, f"{ORIGIN}/story/a/")).items
    refs = [item for item in items if isinstance(item, ChapterRef)]
    assert [(ref.source_id, ref.published_at is None) for ref in refs] == [
        ("14", True),
        ("16", False),
    ]


def test_notes_that_only_a_window_shows_are_below_the_text() -> None:
    note = '<a class="modal-tooltip" data-dialog-content="A &lt;em&gt;gate&lt;/em&gt;.">sluice</a>'
    text = chapter_of(f"<p>The {note} shut.</p>").content_html
    assert text.endswith("<h3>Footnotes</h3><ol><li>sluice: A <em>gate</em>.</li></ol>")
    listed = '<div class="footnotes"><ol><li>A gate.</li></ol></div>'
    assert "Footnotes" not in chapter_of(f"<p>The {note} shut.</p>", listed).content_html


def test_a_sensitive_passage_is_kept_and_its_alternative_is_a_note() -> None:
    chapter = chapter_of(
        '<p class="sensitive-content">Eels.</p>', '<p class="sensitive-alternative">Fish.</p>'
    )
    assert ("Eels." in chapter.content_html, "Fish." in chapter.content_html) == (True, False)
    assert "<p>Fish.</p>" in chapter.note_after_html


def test_the_beginning_of_a_locked_text_is_never_the_chapter() -> None:
    story = FictioneerStory.generate(13, chapters=1)
    story.chapters[0].is_protected = True
    text = pages.chapter(ORIGIN, story, story.chapters[0])
    with pytest.raises(Locked):
        parser().parse(page_of(text, f"{ORIGIN}/chapter/x/", PageKind.CHAPTER, "14"))
    [item] = texts([pages.post(story.chapters[0])], "14")
    assert isinstance(item, ChapterRef)
    assert item.access == "locked"


def test_answers_with_texts_that_nobody_asked_for() -> None:
    posts = [pages.post(row) for row in STORY.chapters]
    found = texts([posts[1], posts[1], posts[2], 7, {"id": None}], "14", "15")
    assert [item.source_id for item in found] == ["15"]
    for wrong in ({"id": 14}, [{"id": 14, "content": None}], "text"):
        with pytest.raises(SourceError):
            texts(wrong, "14")


@pytest.mark.parametrize(
    "edit",
    [
        {"chapters": [{"id": 14, "title": "<script>x</script>One"}] * 3, "chapter_ids": [14] * 9},
        {"author": None, "coAuthors": {}, "taxonomies": [], "images": False, "status": 3},
        {"published": "soon", "modified": -1, "words": 1e400, "language": "<b>"},
        {"ageRating": [], "chapter_ids": "14", "chapterCount": 10**30},
        {"title": "&lt;b&gt; 水 <i>weir</i>", "chapters": [7, None, {"id": True}]},
    ],
)
def test_an_answer_with_strange_fields_is_read(edit: dict[str, Any]) -> None:
    answer = pages.graph(ORIGIN, STORY) | edit
    parsed = parser(api=f"{ORIGIN}/wp-json/").parse(page_of(json.dumps(answer), GRAPH))
    ids = [item.source_id for item in parsed.items if isinstance(item, ChapterRef)]
    assert len(ids) == len(set(ids))
    assert parsed.novel is not None
    assert parsed.novel.novel_id == "13"


@pytest.mark.parametrize("edit", [{"id": "13"}, {"id": -1}, {"title": " "}, {"chapters": {}}])
def test_an_answer_that_lacks_what_is_needed_is_refused(edit: dict[str, Any]) -> None:
    answer = pages.graph(ORIGIN, STORY) | edit
    with pytest.raises(PageChanged):
        parser(api=f"{ORIGIN}/wp-json/").parse(page_of(json.dumps(answer), GRAPH))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (pages.story(ORIGIN, STORY), f"{ORIGIN}/story/a/"),
        (pages.chapter(ORIGIN, STORY, STORY.chapters[0]), f"{ORIGIN}/chapter/a/"),
        (json.dumps(pages.graph(ORIGIN, STORY)), GRAPH),
    ],
)
def test_a_page_cut_anywhere_is_refused(text: str, url: str) -> None:
    for end in range(0, len(text) - 8, len(text) // 50):
        with pytest.raises(SourceError):
            parser().parse(page_of(text[:end], url))


def recognised(family: str, text: str, url: str) -> Recognition | None:
    return FAMILIES[family].recognise(page_of(text, url))


def test_the_theme_is_surer_than_wordpress() -> None:
    for text in (pages.story(ORIGIN, STORY), pages.chapter(ORIGIN, STORY, STORY.chapters[0])):
        found, general = (
            recognised(name, text, f"{ORIGIN}/a/b/") for name in ("fictioneer", "wordpress")
        )
        assert found is not None
        assert general is not None
        assert found.confidence > general.confidence
        assert (found.base_url, found.version, found.options) == (ORIGIN, "5.32.4", {})


def test_an_answer_of_the_api_names_the_api() -> None:
    found = recognised("fictioneer", json.dumps(pages.graph(ORIGIN, STORY)), GRAPH)
    assert found is not None
    assert (found.base_url, dict(found.options)) == (ORIGIN, {"api": f"{ORIGIN}/wp-json/"})
    for other in ("[]", "{}", '{"id": 13}', "<html></html>", ""):
        assert recognised("fictioneer", other, GRAPH) is None


def test_a_text_about_the_theme_is_not_one_of_it() -> None:
    text = "<html><body><p>/wp-content/themes/fictioneer main[data-fictioneer-story-id-value]"
    assert recognised("fictioneer", text + "</p></body></html>", f"{ORIGIN}/a") is None


def test_addresses() -> None:
    source = FictioneerSource(Site("weir", "fictioneer", f"{ORIGIN}/fiction"))
    base = f"{ORIGIN}/fiction"
    for pasted, canonical in (
        (f"{base}/story/水門/?password=1", f"{base}/story/水門/"),
        (f"{base}/story/a/b", f"{base}/story/a/b/"),
        (f"{base}/chapter/b/?order=desc", f"{base}/chapter/b/"),
        (f"{base}/?p=0014", f"{base}/?p=14"),
        (f"{base}/?post_type=fcn_story&p=13", f"{base}/?post_type=fcn_story&p=13"),
        (f"{base}/wp-json/storygraph/v1/story/13", f"{base}/?post_type=fcn_story&p=13"),
    ):
        found = source.match(pasted)
        assert found is not None
        assert found.url == canonical
        assert source.match(found.url) == found
    for other in (
        "",
        "/",
        "/story/",
        "/genre/a/",
        "/?p=0",
        f"/?p={'9' * 30}",
        "/?post_type=page&p=3",
        "/story/a/feed",
    ):
        assert source.match(f"{base}{other}") is None
    assert source.match(f"{ORIGIN}/story/a/") is None


def test_the_list_of_recent_changes_leaves_out_what_it_cannot_read() -> None:
    url = f"{ORIGIN}/wp-json/wp/v2/fcn_story?orderby=modified"
    rows = [pages.changed(STORY), {"id": 9, "modified_gmt": "soon"}, {"id": "9"}, None]
    parsed = parser().parse(page_of(json.dumps(rows), url))
    assert [(one.novel_id, one.changed_at.isoformat()) for one in parsed.recent] == [
        ("13", "2024-01-22T12:00:00+00:00")
    ]
    with pytest.raises(PageChanged):
        parser().parse(page_of("{}", url))
