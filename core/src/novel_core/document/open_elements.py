"""The open elements of a page, approximately as a parser would hold them; never fewer."""

from __future__ import annotations

from novel_core.document.elements import names

FORMATTING = names("a b big code em font i nobr s small strike strong tt u")
#: Elements that a sibling closes when their end tag is missing.
_SELF_CLOSING = names("p li dd dt option rb rt rp rtc")
_BLOCKS = names("""
    address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3
    h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul caption
    """)
#: Elements that the end of an inline element, or a new paragraph, does not close.
_WALLS = _BLOCKS | names("""
    annotation-xml applet button desc foreignobject marquee mi mn mo ms mtext object select template
    """)
#: For each part of a table, the parts it may stand in; its start ends all else in the table.
_AROUND = {
    **dict.fromkeys(("td", "th"), names("table tr")),
    "tr": names("table tbody tfoot thead"),
    **dict.fromkeys(("caption", "tbody", "tfoot", "thead"), names("table")),
}
_CELLS = names("caption td th")
#: Inside these, a part of a table is an ordinary element, or none.
_OTHER_WORLDS = names("math select svg template")
_SCOPES = names("applet caption marquee object table td template th")
# Equal formatting elements that stay open across paragraphs.
_NOAH = 3


class OpenElements:
    """The open elements, and the formatting opened again in a paragraph (`active`)."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.active = 0
        self._formatting: dict[tuple[str, str], int] = {}

    def open(self, name: str, attributes: str) -> None:
        """Process a start tag. A part of a table outside of a table opens nothing."""
        if name in _AROUND or name == "table":
            if _OTHER_WORLDS.isdisjoint(self.names) and not self._find_room(name):
                return
        elif name in _BLOCKS or name in _SELF_CLOSING:
            self._close_sibling(name)
        self.names.append(name)
        if name in FORMATTING:
            seen = self._formatting.get((name, attributes), 0)
            if seen < _NOAH:
                self._formatting[name, attributes] = seen + 1
                self.active += 1

    def close(self, name: str) -> None:
        """Process an end tag."""
        if name in FORMATTING:
            self._forget(name)
        is_part = name in _AROUND
        inline = name not in _BLOCKS
        for place in range(len(self.names) - 1, -1, -1):
            open_name = self.names[place]
            if open_name == name:
                # An inline end tag closes only its own element; elements opened inside it stay
                # open.
                del self.names[place : place + 1 if inline else None]
                return
            if open_name in _SCOPES and not (name == "table" or (is_part and open_name in _CELLS)):
                return
            if inline and open_name in _WALLS and name not in FORMATTING:
                return

    def _find_room(self, name: str) -> bool:
        """Close what a part of a table ends by its start. Return whether it may stand there."""
        around = _AROUND.get(name)
        for place in range(len(self.names) - 1, -1, -1):
            open_name = self.names[place]
            if around is None and open_name in _CELLS:
                # A table in a cell.
                return True
            if open_name == "table" or (around is not None and open_name in around):
                del self.names[place + (around is not None) :]
                return True
        return around is None

    def _close_sibling(self, name: str) -> None:
        for place in range(len(self.names) - 1, -1, -1):
            open_name = self.names[place]
            if open_name == "p" or (open_name == name and name in _SELF_CLOSING):
                del self.names[place:]
                return
            if open_name in _WALLS:
                return

    def _forget(self, name: str) -> None:
        key = next((key for key in reversed(self._formatting) if key[0] == name), None)
        if key is not None:
            self.active -= 1
            self._formatting[key] -= 1
            if not self._formatting[key]:
                del self._formatting[key]
