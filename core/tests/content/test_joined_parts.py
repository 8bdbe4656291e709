"""Texts of a chapter's pages, joined: each link leads where it led on its own page."""

from __future__ import annotations

import re

import pytest

from novel_core.content import sanitize_together
from novel_core.content.joined_parts import PartTexts, join_texts

PAGE = "https://example.org/b/7"


def _saved(*parts: tuple[str, tuple[str, ...]]) -> list[str]:
    texts = join_texts([PartTexts(url, texts) for url, texts in parts])
    return [clean.html for clean in sanitize_together(texts, base_url=parts[0][0])]


def _jump(text: str, place: str) -> str:
    """The words of the element that the link with this text leads to."""
    href = re.search(rf'<a(?: id="[^"]*")? href="([^"]*)"[^<>]*>{text}</a>', place)
    assert href is not None, place
    if not href[1].startswith("#"):
        return href[1]
    found = re.search(rf'<[a-z]+[^<>]* ?id="{re.escape(href[1][1:])}"[^<>]*>([^<]*)', place)
    assert found is not None, (href[1], place)
    return found[1]


def test_notes_that_each_page_numbers_from_one() -> None:
    """Marks lead to the notes of their own page, and the notes back, also where the notes are apart."""
    parts = [
        (
            f"{PAGE}?page={n}",
            (
                f"<p>Text <a id='fnref1' href='#fn1'>mark {n}</a></p>",
                "",
                f"<ol><li id='fn1'>note {n} <a href='#fnref1'>back {n}</a></li></ol>",
            ),
        )
        for n in (1, 2, 3)
    ]
    whole = "".join(_saved(*parts))
    for n in (1, 2, 3):
        assert _jump(f"mark {n}", whole) == f"note {n} "
        assert _jump(f"back {n}", whole) == f"mark {n}"
    ids = re.findall(r'id="([^"]*)"', whole)
    assert len(ids) == len(set(ids)) == 6


def test_links_from_one_page_to_another() -> None:
    """With the other page's address to its id, without one to the only page that has the id."""
    first = (
        f"{PAGE}?page=1",
        (
            """<p id='a'>a1</p><p><a href='?page=2#a'>there</a> <a href='#end'>end</a>
            <a href='?page=1#a'>here</a> <a href='/b/8#a'>elsewhere</a></p>""",
        ),
    )
    second = (f"{PAGE}?page=2", ("<p id='a'>a2</p><p id='end'>the end</p>",))
    (whole,) = _saved(first, second)
    assert _jump("there", whole) == "a2"
    assert _jump("here", whole) == "a1"
    assert _jump("end", whole) == "the end"
    assert _jump("elsewhere", whole) == "https://example.org/b/8#a"


@pytest.mark.parametrize("name", ["n1", "part-2-n1", "Ünï", "a%20b", 'q"<&'])
def test_new_names_do_not_clash(name: str) -> None:
    escaped = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    link = escaped.replace("%", "%25")
    page = f'<p><a href="#{link}">mark {{}}</a></p><p id="{escaped}">note {{}}</p>'
    others = '<p id="part-2-n1">other</p>' if name == "n1" else ""
    parts = [(PAGE, (page.format(n, n) + others,)) for n in (1, 2)]
    (whole,) = _saved(*parts)
    assert [_jump(f"mark {n}", whole) for n in (1, 2)] == ["note 1", "note 2"]


def test_addresses_are_relative_to_their_own_page() -> None:
    text = (
        "<p><img src='x.png'><img src='/blank.gif' data-src='y.png'><img srcset='s.png 1x, l.png 2x'>"
        "<a href='notes.html'>notes</a><a href='mailto:a@example.org'>mail</a></p>"
    )
    whole = "".join(
        _saved(("https://example.org/7/1/", (text,)), ("https://example.org/7/2/", (text,)))
    )
    for number in (1, 2):
        for name in ("x.png", "y.png", "l.png"):
            assert f'src="https://example.org/7/{number}/{name}"' in whole
        assert f'href="https://example.org/7/{number}/notes.html"' in whole
    assert whole.count("mailto:a@example.org") == 2


def test_texts_without_ids_and_addresses_stay_as_written() -> None:
    text = "<P class=x>One &nbsp; two<BR>"
    assert join_texts([PartTexts(PAGE, (text, "")), PartTexts(PAGE, (text, text))]) == (
        text + text,
        text,
    )
