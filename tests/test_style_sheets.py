"""An author's formatting wins over what an element looks like by default, in every style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from xml.etree import ElementTree as ET

import cssselect2
import pytest
import tinycss2

from novel_core.content import CLASSES
from novel_core.document.elements import names

BOOK = files("novel_core.export.styles")
WEB = files("novel_api.web") / "assets"
SHEETS = {
    "book": (BOOK / "book.css",),
    "page": (BOOK / "book.css", BOOK / "page.css"),
    "reader": (WEB / "page.css", WEB / "reading.css"),
}
TAGS = sorted(
    names("""
    a abbr address b blockquote caption cite code dd details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 i img li
    mark ol p pre q s small span strong sub summary sup table td th tr u ul
    """)
)


@dataclass(frozen=True)
class Declared:
    """A declaration that applies to an element; the greatest `weight` wins."""

    weight: tuple[bool, tuple[int, ...], int]
    prelude: str
    name: str
    value: str


class Sheet:
    """The rules of style sheets that hold whatever the page's colours and width."""

    def __init__(self, kind: str) -> None:
        self._matcher = cssselect2.Matcher()
        text = "\n".join(path.read_text("utf-8") for path in SHEETS[kind])
        rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        for order, rule in enumerate(rules):
            if rule.type != "qualified-rule" or "::" in tinycss2.serialize(rule.prelude):
                continue
            for selector in cssselect2.compile_selector_list(rule.prelude):
                self._matcher.add_selector(selector, (order, rule))

    def declared(self, element: ET.Element) -> list[Declared]:
        """What applies to the element that is innermost in a tree of one element in the other."""
        *_, wrapped = cssselect2.ElementWrapper.from_html_root(element).iter_subtree()
        return [
            Declared(
                (one.important, specificity, order),
                tinycss2.serialize(rule.prelude),
                one.lower_name,
                tinycss2.serialize(one.value).strip(),
            )
            for specificity, _, pseudo, (order, rule) in self._matcher.match(wrapped)
            if pseudo is None
            for one in tinycss2.parse_blocks_contents(rule.content)
            if one.type == "declaration"
        ]


def nested(*elements: tuple[str, str]) -> ET.Element:
    """Elements, each with its classes, one in the other, where a text of a book or of the reader stands."""
    root = ET.Element("body")
    inner = ET.SubElement(root, "div", {"class": "text prose"})
    ET.SubElement(inner, "p").text = "before"
    for tag, classes in elements:
        inner = ET.SubElement(inner, tag, {"class": classes} if classes else {})
    return root


def related(one: str, other: str) -> bool:
    """Whether one property sets the other: `margin` sets `margin-left`."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("kind", SHEETS)
def test_a_class_wins_over_the_look_of_its_element(kind: str, tag: str) -> None:
    sheet = Sheet(kind)
    for name in sorted(CLASSES):
        applied = sheet.declared(nested((tag, name)))
        of_class = [one for one in applied if f".{name}" in one.prelude]
        beaten = [
            (one.name, max(rivals, key=lambda rival: rival.weight).prelude)
            for one in of_class
            for rivals in [[other for other in applied if related(one.name, other.name)]]
            if f".{name}" not in max(rivals, key=lambda rival: rival.weight).prelude
        ]
        assert beaten == [], f".{name} on <{tag}>"


@pytest.mark.parametrize("kind", SHEETS)
def test_every_class_has_a_look(kind: str) -> None:
    sheet = Sheet(kind)
    bare = {name for name in CLASSES if not sheet.declared(nested(("span", name)))}
    # A black text is as any other, and colours have rules of their own for light and dark.
    assert {name for name in bare if not name.startswith("text-")} == set()


@pytest.mark.parametrize("tag", ["h1", "h2", "h3", "h4", "h5", "h6", "p", "td", "th", "li", "div"])
@pytest.mark.parametrize("kind", SHEETS)
def test_what_stands_in_centred_text_is_centred(kind: str, tag: str) -> None:
    applied = Sheet(kind).declared(nested(("div", "align-center"), (tag, "")))
    aligned = [one for one in applied if one.name == "text-align"]
    assert {one.value for one in aligned} <= {"inherit"}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_centred_table_is_a_box_in_the_middle(kind: str) -> None:
    applied = Sheet(kind).declared(nested(("table", "align-center")))
    aligned = [one for one in applied if one.name == "text-align"]
    assert max(aligned, key=lambda one: one.weight).value == "inherit"
