"""A chapter's page: the text as its author wrote it, and nothing else."""

from datetime import UTC, datetime

import pytest
import royalroad_pages as pages

from novel_core.content import sanitize
from novel_core.content.visible import follows_of, without_hidden
from novel_core.document.style_rules import rules_of
from novel_core.errors import Locked, PageChanged
from novel_core.items import Chapter
from novel_core.page import Follow, Parsed
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_royalroad import SOURCE
from novel_royalroad.hidden import is_random, is_sentence_class

EDITED = (
    '<li><i class="fa fa-edit" title="Last Edit"></i> '
    '<time unixtime="1597930374" datetime="2020-08-20T13:32:54.0000000Z">later</time></li>'
)


def parse(prose: str, **slots: str) -> Parsed:
    return SOURCE.parser().parse(pages.chapter(pages.chapter_html(prose, **slots)))


def chapter(content: str, **slots: str) -> Chapter:
    item = parse(content, **slots).items[0]
    assert isinstance(item, Chapter)
    return item


def text(content: str, **slots: str) -> str:
    return chapter(content, **slots).content_html


def test_chapter() -> None:
    mark = pages.paragraph_mark("x")
    parsed = parse(
        f'<p class="{mark}">The lamps went <em>out</em>.</p>{pages.hidden()}\n<p class="{mark}">Then on.</p>',
        before=pages.note("<p>Hello.</p>"),
        after=pages.note("<p>Bye.</p>"),
        edited=EDITED,
    )
    assert parsed.items == (
        Chapter(
            source_id="901",
            title="Dusk",
            url=pages.CHAPTER,
            content_html="<p>The lamps went <em>out</em>.</p>\n<p>Then on.</p>",
            note_before_html="<p>Hello.</p>",
            note_after_html="<p>Bye.</p>",
            published_at=datetime(2020, 7, 19, 16, 26, 1, tzinfo=UTC),
            edited_at=datetime(2020, 8, 20, 13, 32, 54, tzinfo=UTC),
        ),
    )
    assert parsed.novel == UrlMatch(
        UrlKind.NOVEL, "https://www.royalroad.com/fiction/4711", novel_id="4711"
    )
    assert (parsed.follow, parsed.warnings) == ((), ())


def test_one_note_and_no_edit() -> None:
    item = chapter("<p>A</p>", after=pages.note("<p>Bye.</p>"))
    assert (item.note_before_html, item.note_after_html) == ("", "<p>Bye.</p>")
    assert item.edited_at is None


def test_empty_note_is_none() -> None:
    assert chapter("<p>A</p>", before=pages.note("<p>&nbsp;</p>")).note_before_html == ""


@pytest.mark.parametrize(
    ("canonical", "novel_id"),
    [
        ("", "4711"),
        ('<link rel="canonical" href="https://www.royalroad.com/fiction/chapter/901"/>', "4711"),
        ('<link rel="canonical" href="https://example.org/fiction/5/x/chapter/6/y"/>', "4711"),
        ("<link href='https://www.royalroad.com/fiction/5/x/chapter/901/y' rel='canonical'>", "5"),
    ],
)
def test_the_page_tells_its_fiction_not_the_address(canonical: str, novel_id: str) -> None:
    html = pages.chapter_html("<p>A</p>", canonical=canonical)
    parsed = SOURCE.parser().parse(
        pages.chapter(html, url="https://www.royalroad.com/fiction/1/lie/chapter/901/_")
    )
    assert parsed.items[0].source_id == "901"
    assert parsed.novel is not None
    assert parsed.novel.novel_id == novel_id


def test_another_chapter_than_asked_for() -> None:
    with pytest.raises(PageChanged, match="is chapter 901, not 555"):
        SOURCE.parser().parse(pages.chapter(pages.chapter_html("<p>A</p>"), chapters=("555",)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<p>A {hidden} tail</p>", "<p>A  tail</p>"),
        ("<p>A</p>{hidden}tail<p>B</p>", "<p>A</p>tail<p>B</p>"),
        (
            "<table><tr><td>1</td><td>{hidden}2</td></tr></table>",
            "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        ("<p><span>A{hidden}B<i>C</i></span></p>", "<p><span>AB<i>C</i></span></p>"),
        ("<div><p>A</p>{hidden}</div>", "<div><p>A</p></div>"),
    ],
)
def test_hidden_sentence_anywhere(content: str, expected: str) -> None:
    parsed = parse(content.format(hidden=pages.hidden()))
    assert parsed.items[0].content_html == expected
    assert parsed.warnings == ()


@pytest.mark.parametrize("tag", ["p", "div", "span"])
@pytest.mark.parametrize(
    "style",
    [
        ".{0}{{display:none}}",
        "  .{0}  {{\n  DISPLAY :\tNone ;speak:never }}",
        ".other, .{0} , .more{{display: none !important}}",
        ".{0}/* a */{{/* b */display:/* c */none}}",
        "p{{color:red}} .{0}{{visibility: hidden}}",
        "@media screen {{ .{0} {{ display: none }} }}",
        ".{0}{{color:red}} .{0}{{speak:never;display:none}}",
    ],
)
def test_rules_in_every_spelling(tag: str, style: str) -> None:
    name = "xQ93hd0aLpZ27Yw"  # not of the known shape: the rule alone tells
    sentence = f'<{tag} class="{name}">{pages.SENTENCE}</{tag}>'
    assert text(f"<p>A</p>{sentence}<p>B</p>", style=style.format(name)) == "<p>A</p><p>B</p>"


@pytest.mark.parametrize(
    "style",
    [
        ".xQ93hd0aLpZ27Yw:after{display:none}",
        ".a .xQ93hd0aLpZ27Yw{display:none}",
        ".xQ93hd0aLpZ27Yw{display:none} .xQ93hd0aLpZ27Yw{display:block}",
        ".xQ93hd0aLpZ27Yw{display:block !important} .xQ93hd0aLpZ27Yw{display:none}",
        "@media print { .xQ93hd0aLpZ27Yw{display:none} }",
        ".xQ93hd0aLpZ27Yw{display:none",
        "}}} garbage ((( .",
        "/* .xQ93hd0aLpZ27Yw{display:none} */",
    ],
)
def test_rules_that_hide_nothing(style: str) -> None:
    unclosed = style.endswith("none")  # a browser closes what the sheet leaves open
    expected = "" if unclosed else "<p>B</p>"
    assert text('<p>A</p><p class="xQ93hd0aLpZ27Yw">B</p>', style=style) == f"<p>A</p>{expected}"


def test_several_rules_and_a_note() -> None:
    marks = [pages.mark("a"), pages.mark("b")]
    parsed = parse(
        f"<p>A</p>{pages.hidden('a')}",
        before=pages.note(f"<p>Hello.</p>{pages.hidden('b')}"),
        style="".join(map(pages.rule, marks)),
    )
    item = parsed.items[0]
    assert (item.content_html, item.note_before_html) == ("<p>A</p>", "<p>Hello.</p>")
    assert parsed.warnings == ("The page has 2 hidden sentences instead of one.",)


def test_the_shape_tells_without_a_rule() -> None:
    assert text(f"<p>A</p>{pages.hidden('z')}", style="") == "<p>A</p>"


def test_an_inline_style_tells() -> None:
    assert text(f'<p>A</p><p style="color:red; display : none">{pages.SENTENCE}</p>') == "<p>A</p>"
    shown = '<p style="border-display:none-such">B</p>'
    assert text(shown) == shown


def test_parser_and_engine_read_a_style_sheet_once() -> None:
    page = pages.chapter(
        pages.chapter_html(
            f"<p>A</p>{pages.hidden()}", style=f"\r\n.once{{opacity:0}}\r\n{pages.rule('x')}"
        )
    )
    before = rules_of.cache_info().misses
    parsed = without_hidden(page, SOURCE.parser().parse(page))
    assert rules_of.cache_info().misses == before + 1
    assert parsed.items[0].content_html == "<p>A</p>"


def test_no_hidden_sentence_is_told() -> None:
    parsed = parse("<p>A</p>")
    assert parsed.warnings == ("The page has 0 hidden sentences instead of one.",)


def test_a_class_with_a_name_is_kept_though_hidden() -> None:
    parsed = parse(
        f'<div class="hidden-content"><p>A</p></div>{pages.hidden()}',
        style=f"{pages.rule(pages.mark('a'))} .hidden-content{{display:none}}",
    )
    assert parsed.items[0].content_html == '<div class="hidden-content"><p>A</p></div>'
    assert len(parsed.warnings) == 1
    assert "hidden-content" in parsed.warnings[0]


@pytest.mark.parametrize(
    "prose",
    [
        "<p>If you spot this tale on Amazon, report it, said the smith.</p>",
        "<p>Stolen story; please report.</p>",
        "<p>Support the author by searching for the original on Royal Road.</p>",
    ],
)
def test_prose_is_never_dropped_by_its_words(prose: str) -> None:
    assert text(prose + pages.hidden()) == prose


def test_the_same_chapter_twice_is_the_same() -> None:
    def fetched(seed: str, sentence: str) -> Parsed:
        mark = pages.paragraph_mark(seed)
        return parse(
            f'<p class="{mark}">A</p>{pages.hidden(seed, sentence)}<p class="{mark}">B</p>',
            style=pages.rule(pages.mark(seed)),
        )

    assert fetched("a", "Stolen.") == fetched("b", "Taken without permission.")


def test_classes_that_a_machine_made_go_and_others_stay() -> None:
    mark = pages.paragraph_mark("a")
    assert (
        text(f'<p class="{mark}">A</p><p class="{mark} note">B</p>')
        == '<p>A</p><p class="note">B</p>'
    )
    assert (
        text('<p class="cnA1B2C3D4E5F6">A</p><p class="cn-note">B</p>')
        == '<p>A</p><p class="cn-note">B</p>'
    )
    assert text(f'<div class="{mark}"><p class="">A</p></div>') == '<div><p class="">A</p></div>'
    assert (
        text(f'<p class="{mark} spoiler-new">A</p>')
        == "<details><summary>Spoiler</summary>A</details>"
    )


def test_spoilers_open_without_scripts() -> None:
    assert (
        text(
            '<div class="spoiler-new" data-caption="The &lt;end&gt;" data-class="spoiler">It was <b>him</b>.'
            '<div class="spoiler-new"><p>Twice.</p></div></div>tail'
        )
        == "<details><summary>The &lt;end&gt;</summary>It was <b>him</b>."
        "<details><summary>Spoiler</summary><p>Twice.</p></details></details>tail"
    )


def test_a_spoiler_hidden_by_style_is_kept() -> None:
    inner = (
        '<div class="spoiler"><div style="color:red;display:none;visibility:hidden">him</div></div>'
    )
    kept = sanitize(text(inner), base_url=pages.CHAPTER).html
    assert kept == '<div><div class="text-red">him</div></div>'


def test_many_hidden_elements_leave_the_text_between_them() -> None:
    hidden = '<i style="display:none">x</i>'
    parsed = parse(f"<p>{hidden}a{hidden}{hidden}b<em>c{hidden}d</em>{hidden}e</p>")
    assert parsed.items[0].content_html == "<p>ab<em>cd</em>e</p>"


def test_a_hidden_element_goes_with_those_inside_it() -> None:
    inner = '<b style="display:none">y</b>'
    parsed = parse(f'<p>a<i style="display:none">x{inner}z</i>b</p>')
    assert parsed.items[0].content_html == "<p>ab</p>"
    assert parsed.warnings == ()


def test_brackets_without_end_in_a_rule_are_ignored() -> None:
    name = "xQ93hd0aLpZ27Yw"
    deep = f"{'(' * 3000}{')' * 3000}"
    style = f".x{{display:none;display:{deep}}} @media {deep} {{.{name}{{display:none}}}}"
    shown = '<p class="x">A</p>'
    assert text(f'{shown}<p class="{name}">B</p>', style=style) == shown


def test_protected_emails() -> None:
    code = "422302206c21"
    content = (
        f'<p>Write <a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{code}">[email]</a>,'
        f' <a href="/cdn-cgi/l/email-protection#{code}">me</a>'
        ' <span data-cfemail="zz">kept</span></p>'
    )
    assert text(content) == (
        '<p>Write a@b.c, <a href="mailto:a@b.c">me</a> <span data-cfemail="zz">kept</span></p>'
    )
    assert (
        chapter("<p>A</p>", title=f'For <span data-cfemail="{code}">x</span>').title == "For a@b.c"
    )


def test_tables_and_styles_are_left_to_the_sanitiser() -> None:
    table = (
        '<div style="max-width: 100%; overflow:auto"><table style="width: 300px"><tbody>'
        '<tr><td colspan="2" rowspan="3">1</td></tr></tbody></table></div>'
    )
    assert text(table) == table


def test_letters_of_all_kinds() -> None:
    prose = "<p>a\u200bb\u00a0c \U0001d56c \u4e16\u754c &lt;System&gt; &amp; \u202f</p>"
    assert text(prose) == prose


def test_nul_and_broken_utf8() -> None:
    body = pages.chapter_html("<p>A|B</p>").encode().replace(b"A|B", b"A\x00B\xff\xe9C")
    item = SOURCE.parser().parse(pages.chapter(body)).items[0]
    assert item.content_html == "<p>AB\ufffd\ufffdC</p>"


def test_another_charset() -> None:
    body = pages.chapter_html("<p>caf\u00e9</p>").encode("latin-1")
    page = pages.chapter(body, headers={"content-type": "text/html; charset=ISO-8859-1"})
    assert SOURCE.parser().parse(page).items[0].content_html == "<p>caf\u00e9</p>"


@pytest.mark.parametrize("content", ["<p>.</p>", '<p><img src="/a.png"></p>', "<hr>"])
def test_short_is_not_broken(content: str) -> None:
    assert text(content) == content


@pytest.mark.parametrize("content", ["", "<p>&nbsp;\u200b</p>", pages.hidden()])
def test_empty_content(content: str) -> None:
    with pytest.raises(PageChanged) as caught:
        parse(content)
    assert caught.value.selector == ".chapter-content"


def test_images_of_text_and_notes() -> None:
    page = pages.chapter(
        pages.chapter_html(
            '<p><img src="https://i.imgur.com/a.png" alt=""></p><img src="/b c.png"><img src="data:image/png;base64,A">'
            f'<p><img src="https://i.imgur.com/a.png"><img src=""></p>{pages.hidden("a", "<img src=/trap.png>")}',
            before=pages.note('<img src="//cdn.example/n.png">'),
        )
    )
    assert follows_of(SOURCE.parser(), page) == [
        Follow("https://i.imgur.com/a.png", PageKind.IMAGE),
        Follow("https://www.royalroad.com/b%20c.png", PageKind.IMAGE),
        Follow("https://cdn.example/n.png", PageKind.IMAGE),
    ]


def test_cover_and_avatar_are_not_images_of_the_text() -> None:
    page = pages.chapter(pages.chapter_html("<p>A</p>"))
    assert follows_of(SOURCE.parser(), page) == []


@pytest.mark.parametrize(
    "box",
    [
        "<div class='alert'>This chapter is in early access.</div>",
        "<div class='alert'>Log in to read on.</div>",
        '<script>window.chapter = {"isUnlocked":false};</script>',
    ],
)
def test_locked_chapter(box: str) -> None:
    with pytest.raises(Locked):
        parse("", content=box)


def test_chapter_without_its_text() -> None:
    prose = "<p>Premium lamps, locked away. Unlock them!</p>" * 50
    with pytest.raises(PageChanged) as caught:
        parse("", content=f"<div class='something-new'>{prose}</div>")
    assert caught.value.selector == ".chapter-content"


@pytest.mark.parametrize("title", ["", " &nbsp; "])
def test_chapter_without_a_title(title: str) -> None:
    with pytest.raises(PageChanged) as caught:
        chapter("<p>A</p>", title=title)
    assert caught.value.selector == ".fic-header h1"


def test_redesign() -> None:
    parsed = SOURCE.parser().parse(pages.chapter(pages.fill("redesign_chapter.html")))
    item = parsed.items[0]
    assert (item.title, item.content_html) == ("Dusk", "<p>The lamps.</p>")
    assert (item.note_before_html, item.note_after_html) == ("<p>Before.</p>", "")
    assert item.published_at == datetime(2020, 7, 19, 16, 26, 1, tzinfo=UTC)
    assert parsed.warnings == ()


@pytest.mark.parametrize("block", ["article", "section", "main"])
def test_redesign_with_other_containers(block: str) -> None:
    html = pages.fill("redesign_chapter.html")
    sentence = html[html.index("<span class") : html.index("</span>") + len("</span>")]
    html = html.replace('<div class="chapter-content">', f'<{block} class="chapter-content">')
    html = html.replace(f"{sentence}</div>", f"{sentence}</{block}>")
    item = SOURCE.parser().parse(pages.chapter(html)).items[0]
    assert (item.content_html, item.note_before_html) == ("<p>The lamps.</p>", "<p>Before.</p>")


@pytest.mark.parametrize("block", ["div", "article", "section", "main"])
def test_locked_chapter_of_the_redesign(block: str) -> None:
    html = pages.fill("redesign_chapter.html")
    start, end = html.index("<main"), html.index("</main>")
    lock = f'<{block} class="chapter"><p>Early access: subscribe to read on.</p></{block}>'
    with pytest.raises(Locked):
        SOURCE.parser().parse(pages.chapter(html[:start] + lock + html[end + len("</main>") :]))


def test_no_known_layout_is_loud() -> None:
    html = pages.fill("redesign_chapter.html").replace("chapterHeroData", "hero")
    with pytest.raises(PageChanged, match="no known layout"):
        SOURCE.parser().parse(pages.chapter(html))


@pytest.mark.parametrize(
    ("name", "machine_made"),
    [
        (pages.mark("a"), True),
        (pages.paragraph_mark("a"), True),
        ("dKKumhSnWiFq75vPUVtmTanQ", True),
        ("hidden-content", False),
        ("author-note-portlet", False),
        ("spoiler", False),
        ("verylongbutwritten", False),
        ("col-md-offset-12", False),
    ],
)
def test_machine_made_names(name: str, machine_made: bool) -> None:
    assert is_random(name) is machine_made


def test_shape_of_the_mark() -> None:
    assert is_sentence_class(pages.mark("a"))
    assert not is_sentence_class(pages.paragraph_mark("a"))
    assert not is_sentence_class("cm" + "!" * 42)


def test_escaped_rule() -> None:
    style = ".Q93hd0aLpZ27\\={d\\69 splay:none}.star-1:after{ width: 91% }"
    shown = '<p class="star-1">A</p>'
    assert text(f'{shown}<p class="Q93hd0aLpZ27=">B</p>', style=style) == shown


def test_a_tracking_pixel_is_not_asked_for() -> None:
    pixel = '<img src="https://t.example/p.gif" width="1" height="1">'
    picture = '<img src="https://t.example/m.png" width="100%" height="20">'
    page = pages.chapter(pages.chapter_html(f"<p>a{pixel}{picture}</p>"))
    assert follows_of(SOURCE.parser(), page) == [Follow("https://t.example/m.png", PageKind.IMAGE)]
