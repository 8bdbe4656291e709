"""What a reader sees of HTML: its characters, each with its emphasis, and white space between them."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from novel_core.document.elements import names

TAGS = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var", "address"), "italic"),
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "del"), "strike"),
    **dict.fromkeys(("code", "kbd", "samp"), "code"),
    "sup": "super",
    "sub": "sub",
    "mark": "mark",
}
CLASSES = frozenset({"italic", "bold", "underline", "strike", "super", "sub"})
OFF = {"not-italic": "italic", "not-bold": "bold"}
APART = names("""
    address article aside blockquote br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6
    header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """)

#: A character and its emphasis; a space has none.
Seen = tuple[str, frozenset[str]]
SPACE: Seen = (" ", frozenset())


def seen(html: str) -> list[Seen]:
    """The text of `html`, white space normalised; quotes and readings as the formats write them."""
    found: list[Seen] = []
    node = LexborHTMLParser(f"<div>{html}</div>", is_fragment=True).root
    _read(node, frozenset(), found)
    single = [
        one
        for place, one in enumerate(found)
        if place and (one != SPACE or found[place - 1] != SPACE)
    ]
    while single and single[-1] == SPACE:
        single.pop()
    return single[1:] if single and single[0] == SPACE else single


def words(text: list[Seen]) -> str:
    return "".join(char for char, _ in text)


def _read(node: LexborNode | None, around: frozenset[str], found: list[Seen]) -> None:
    if not found:
        found.append(SPACE)
    while node is not None:
        if node.is_text_node:
            text = node.text_content or ""
            found += [SPACE if char.isspace() else (char, around) for char in text]
        elif node.is_element_node and node.tag != "rp":
            _read_element(node, around, found)
        node = node.next


def _read_element(node: LexborNode, around: frozenset[str], found: list[Seen]) -> None:
    tag = str(node.tag)
    emphasis = around | ({TAGS[tag]} if tag in TAGS else frozenset())
    classes = frozenset((node.attributes.get("class") or "").split())
    emphasis = (emphasis | classes & CLASSES) - {OFF[name] for name in classes & OFF.keys()}
    before, after = {"q": "\u201c\u201d", "rt": "()"}.get(tag, ("", ""))
    if tag in APART:
        found.append(SPACE)
    start = len(found)
    if tag == "details" and all(child.tag != "summary" for child in node.iter()):
        found += [*((char, emphasis) for char in "Spoiler"), SPACE]
    if tag == "img":
        alt = " ".join((node.attributes.get("alt") or "").split())
        found += [(char, frozenset()) for char in f"[{alt}]"]
    found += [(char, emphasis) for char in before]
    _read(node.child, emphasis, found)
    if tag == "summary" and all(one == SPACE for one in found[start:]):
        found += [(char, emphasis) for char in "Spoiler"]
    if tag == "pre":  # is all code
        found[start:] = [(char, emphasis - {"code"}) for char, emphasis in found[start:]]
    found += [(char, emphasis) for char in after]
    if tag in APART:
        found.append(SPACE)
