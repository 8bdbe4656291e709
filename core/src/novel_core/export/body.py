"""The chapters of a book and its own pages, as trees that XHTML and HTML share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from novel_core.export import wording
from novel_core.export.book import Book, Entry, Gap, Part
from novel_core.export.export_context import Tally
from novel_core.export.links import Links, place, web_address
from novel_core.export.picture import MissingPicture
from novel_core.export.reading import Text
from novel_core.export.tree import Element, element, has_content, parse, replace
from novel_core.export.xhtml_repair import repair_xhtml

#: From the URL of a picture to that of its copy in the book.
PlacePicture = Callable[[str], str | MissingPicture]


@dataclass(frozen=True, slots=True)
class Body:
    """Builds the pages of a book. `place_of` gives the address of a chapter within the book;
    `heading` is the tag of a chapter's title.

    `tally` counts the pictures that are shown and those that are missing. `prefix_of` gives the
    prefix of ids in a chapter (in the description: None) where all stand in one file.
    """

    book: Book
    links: Links
    place_picture: PlacePicture
    place_of: Callable[[Entry], str]
    tally: Tally
    heading: str = "h1"
    prefix_of: Callable[[Entry | None], str] = lambda _: ""

    def page(self, item: Part | Gap | Entry, text: Text) -> list[Element]:
        """The page of a volume, of chapters that are missing, or of a chapter."""
        if isinstance(item, Part):
            return self._part(item)
        return self._gap(item) if isinstance(item, Gap) else self._chapter(item, text)

    def _chapter(self, entry: Entry, text: Text) -> list[Element]:
        """A chapter: title, remarks, the author's note before, text, note after."""
        made = [element(self.heading, entry.title)]
        if entry.is_removed:
            made.append(_ours("p", wording.REMOVED, class_="notice"))
        content = self.saved(text.content_html, entry)
        content.set("class", "text")
        written = [
            *self._note(text.note_before_html, entry, "before"),
            content,
            *self._note(text.note_after_html, entry, "after"),
        ]
        place(written, self.prefix_of(entry))
        return made + written

    def _note(self, html: str, entry: Entry, place: str) -> list[Element]:
        if not html.strip():
            return []
        words = self.saved(html, entry)
        words.tag = "section"
        words.set("class", f"note note-{place}")
        words.insert(0, _ours("p", wording.NOTE, class_="note-label"))
        words[0].tail, words.text = words.text, None
        return [words]

    def saved(self, html: str, here: Entry | None) -> Element:
        """Saved HTML in a `div`, with links and pictures in the form of the book."""
        root = parse(html)
        self.links.rewrite(root, here, self.place_of)
        for image in list(root.iter("img")):
            self._place(image)
        repair_xhtml(root)
        for table in list(root.iter("table")):
            if next(table.iterancestors("table"), None) is None:
                frame = element("div", class_="table")
                replace(table, frame)
                frame.append(table)
        return root

    def _place(self, image: Element) -> None:
        url = str(image.get("src", ""))
        placed = self.place_picture(url)
        if not isinstance(placed, MissingPicture):
            self.tally.pictures.add(url)
            image.set("src", placed)
            image.set("alt", image.get("alt", ""))
            return
        self.tally.lost_pictures.add(url)
        alt = " ".join(image.get("alt", "").split())
        words = f"[Picture: {alt} ({placed})]" if alt else f"[A picture {placed}]"
        replace(image, element("span", words, class_="lost"))

    def front(self) -> list[Element]:
        """Title, cover, description and facts."""
        book = self.book
        made = [element("h1", book.title), _ours("p", wording.by_line(book), class_="authors")]
        if book.extent:
            made.append(element("p", book.extent, class_="extent"))
        made += self._cover(book.cover_url, "Cover")
        description = self.saved(book.description_html, None)
        place([description], self.prefix_of(None))
        if has_content(description):
            description.set("class", "description")
            made.append(description)
        made.append(self._facts())
        return made

    def _facts(self) -> Element:
        made = _ours("dl", class_="facts")
        address = web_address(self.book.url)
        for name, value in wording.facts(self.book):
            is_link = name == "Source" and address
            made.append(element("dt", name))
            made.append(element("dd", element("a", value, href=address) if is_link else value))
        return made

    def _part(self, part: Part) -> list[Element]:
        """The page before a volume's chapters."""
        made = [element(self.heading, part.title)]
        if part.volume is not None and not part.is_continued:
            made += self._cover(part.volume.cover_url, "")
        return [element("div", *made, class_="part")]

    def _cover(self, url: str | None, alt: str) -> list[Element]:
        placed = self.place_picture(url) if url else MissingPicture.NOT_HELD
        if url is None or isinstance(placed, MissingPicture):
            return []
        self.tally.pictures.add(url)
        return [element("p", element("img", src=placed, alt=alt), class_="front-cover")]

    def _gap(self, gap: Gap) -> list[Element]:
        """The page in place of chapters whose text is not held."""
        made = element("ul")
        for entry in gap.entries:
            address = web_address(entry.url)
            title = element("a", entry.title, href=address) if address else entry.title
            made.append(element("li", title, f" ({wording.reason(entry)})"))
        return [_ours(self.heading, wording.gap_title(gap.entries)), made]


def _ours(tag: str, *children: Element | str, class_: str | None = None) -> Element:
    """The program's own words are English, in a book of any language."""
    return element(tag, *children, class_=class_, lang="en", xml_lang="en", dir="ltr")
