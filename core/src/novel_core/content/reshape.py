"""Changing elements that cannot stay: hidden ones, foreign content, glued words."""

from __future__ import annotations

import re
from html import escape

from selectolax.lexbor import LexborNode

from novel_core.content.colours import is_default_colour, text_colour
from novel_core.content.embedded import embedded_picture
from novel_core.content.image_address import has_picture
from novel_core.content.links import absolute
from novel_core.content.rules import MATH_TAGS
from novel_core.content.styles import BOLD_TAGS, ITALIC_TAGS
from novel_core.document import (
    Sheets,
    drop,
    fragment,
    hidden_by_style,
    replace_by_text,
    reveal_emails,
)
from novel_core.document.declarations import declarations
from novel_core.document.elements import SEPARATING

#: Markup without any of these needs no change.
_MARKS = (" style=", " hidden=", " data-cfemail=", "/cdn-cgi/l/email-protection#", " color=")
_ELEMENT = re.compile(
    f"<(?:{'|'.join(sorted(MATH_TAGS))}|audio|button|canvas|datalist|embed|iframe|noembed|noframes|noscript|object|picture"
    "|plaintext|script|select|source|style|svg|template|textarea|title|video|xmp)[ >]"
)
_STRAY_FORMULA = ",".join(sorted(MATH_TAGS - {"math"}))
_SMALL_DATA = 512
_GONE = "script,style,template,title,noembed,noframes,canvas,select,datalist,button,textarea"
_BLOCK_DISPLAY = re.compile(
    r"(?:^|;)\s*+display\s*+:\s*+(?:block|flex|grid|table|list-item|flow-root)\b"
)


def needs_reshaping(markup: str) -> bool:
    """A fast check of the tags of serialised markup; most chapters need no change."""
    return any(mark in markup for mark in _MARKS) or _ELEMENT.search(markup) is not None


def reshape(root: LexborNode, markup: str, base_url: str) -> tuple[bool, tuple[str, ...]]:
    """Change the tree below `root`, whose tags `markup` holds: whether that may have changed
    anything, and what is left out although a reader sees it.
    """
    has_changed = False
    left_out: list[str] = []
    if "<style" in markup:
        drop(Sheets.in_tree(root).hidden_in(root))
        has_changed = True
    if " style=" in markup or " hidden=" in markup:
        hidden = hidden_by_style(root)
        drop(hidden)
        has_changed |= bool(hidden)
    if "cfemail" in markup or "email-protection" in markup:
        reveal_emails(root)
        has_changed = True
    if _ELEMENT.search(markup):
        left_out = _replace_elements(root, base_url)
        has_changed = True
    if " style=" in markup or " color=" in markup:
        has_changed |= _keep_resets(root)
        has_changed |= _part_blocks(root)
    return has_changed, tuple(left_out)


def _replace_elements(root: LexborNode, base_url: str) -> list[str]:
    for node in root.css("xmp,plaintext,listing"):
        node.replace_with(_made(f"<pre>{escape(node.text())}</pre>"))
    for node in root.css("picture"):
        _settle_picture(node)
    for node in root.css("noscript"):
        _settle_fallback(node)
    for node in root.css("iframe,object,embed,video,audio"):
        _link_to_embed(node, base_url)
    left_out = [
        f"a form's {node.tag}" for node in root.css("textarea,select") if node.text().strip()
    ]
    drop(root.css(_GONE))
    drop(root.css("source,param"))
    for node in root.css("svg"):
        words = " ".join(text for one in node.css("text") if (text := one.text().strip()))
        if not words and node.attributes.get("aria-hidden") != "true":
            left_out.append("a drawing (SVG)")
        replace_by_text(node, words)
    for node in root.css("math"):
        _plain_formula(node)
    for node in root.css(_STRAY_FORMULA):
        if not any(outer.tag == "math" for outer in _above(node)):
            node.unwrap()
    return left_out


def _made(html: str) -> LexborNode:
    made = fragment(html).first_child
    assert made is not None
    return made


def _values(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def _settle_picture(node: LexborNode) -> None:
    """The picture in one of its forms: that of `img`, or of the first source if that has none."""
    image = node.css_first("img")
    if image is None or has_picture(_values(image)):
        return
    for source in node.css("source"):
        for key in ("srcset", "data-srcset", "data-lazy-srcset"):
            if found := source.attributes.get(key):
                image.attrs["data-srcset"] = found
                return


def _settle_fallback(node: LexborNode) -> None:
    """Of a `noscript` fallback keep the picture that a script would show, not its words."""
    before = _beside(node, before=True)
    stands_in = before if before is not None and before.tag == "img" else None
    for image in node.css("img"):
        if not has_picture(_values(image)):
            continue
        if stands_in is None:
            node.insert_before(image)
        elif _is_empty(_values(stands_in)):
            stands_in.replace_with(image)
        break
    node.decompose()


def _is_empty(values: dict[str, str]) -> bool:
    """Whether an `img` is only a placeholder: no URL, or a `data:` URL without a picture."""
    if has_picture(values):
        return False
    source = values.get("src", "")
    return len(source) < _SMALL_DATA or embedded_picture(source) is None


def _link_to_embed(node: LexborNode, base_url: str) -> None:
    if node.parent is None:
        return
    inner = [node, *node.css("source,embed,param")]
    url = next((url for one in inner if (url := _embedded_address(one, base_url))), None)
    if url is not None:
        words = escape(url)
        node.replace_with(_made(f'<a href="{words}">{words}</a>'))
    elif node.tag in {"iframe", "embed"}:
        node.decompose()
    else:
        # The fallback where it cannot be played.
        node.unwrap()


def _embedded_address(node: LexborNode, base_url: str) -> str | None:
    values = _values(node)
    keys: tuple[str, ...] = ("src", "data", "data-src")
    if node.tag == "param":
        keys = ("value",) if values.get("name", "").lower() in {"movie", "src", "url"} else ()
    found = (absolute(values[key], base_url) for key in keys if values.get(key))
    return next(filter(None, found), None)


def _plain_formula(node: LexborNode) -> None:
    """Keep only MathML in a formula; another element is replaced by its text."""
    drop(node.css("annotation,annotation-xml,script,style"))
    for inner in node.css("*"):
        if inner.tag == "semantics":
            continue
        if inner.tag not in MATH_TAGS and inner.parent is not None:
            replace_by_text(inner, inner.text())


def _keep_resets(root: LexborNode) -> bool:
    """Keep styles that undo those around them, such as upright within italic text."""
    has_any = False
    for node in root.css("[style*='normal'],[style*='400'],[style*='color'],[style*='lighter']"):
        values = dict(declarations(node.attributes.get("style") or ""))
        added = []
        if values.get("font-style") == "normal" and _has_above(node, ITALIC_TAGS, "italic"):
            added.append("not-italic")
        is_thin = values.get("font-weight") in {"normal", "400", "lighter", "300"}
        if is_thin and _has_above(node, BOLD_TAGS, "bold"):
            added.append("not-bold")
        if is_default_colour(values.get("color", "")) and _is_coloured_above(node):
            added.append("text-default")
        if added:
            has_any = True
            node.attrs["class"] = " ".join([node.attributes.get("class") or "", *added]).strip()
    return has_any


def _above(node: LexborNode) -> list[LexborNode]:
    found = []
    at = node.parent
    while at is not None and at.is_element_node:
        found.append(at)
        at = at.parent
    return found


def _has_above(node: LexborNode, tags: frozenset[str], look: str) -> bool:
    """Whether an ancestor gives the text this `look`, by tag, class or style."""
    return any(
        one.tag in tags
        or look in (one.attributes.get("class") or "").split()
        or look in (one.attributes.get("style") or "").lower()
        for one in _above(node)
    )


def _is_coloured_above(node: LexborNode) -> bool:
    for one in _above(node):
        values = one.attributes
        style = dict(declarations(values.get("style") or "")).get("color")
        colour = style or (values.get("color") if one.tag == "font" else None)
        if colour and colour not in {"inherit", "currentcolor"}:
            return text_colour(colour) is not None
        if "text-" in (values.get("class") or ""):
            return True
    return False


def _part_blocks(root: LexborNode) -> bool:
    """Put line breaks around an inline element that is shown as a block."""
    has_any = False
    for node in root.css("[style*='display']"):
        if node.tag in SEPARATING or not _BLOCK_DISPLAY.search(
            (node.attributes.get("style") or "").lower()
        ):
            continue
        has_any = True
        if _continues(node, before=True):
            node.insert_before(_made("<br>"))
        if _continues(node, before=False):
            node.insert_after(_made("<br>"))
    return has_any


def _beside(node: LexborNode, *, before: bool) -> LexborNode | None:
    """The nearest element or words next to `node`, with the same parent."""
    at = node.prev if before else node.next
    while at is not None and not at.is_element_node and not (at.text_content or "").strip():
        at = at.prev if before else at.next
    return at


def _continues(node: LexborNode, *, before: bool) -> bool:
    """Whether words of the same line are next to an inline element."""
    at: LexborNode | None = node
    while at is not None and at.tag not in SEPARATING:
        beside = _beside(at, before=before)
        if beside is not None:
            return beside.tag not in SEPARATING
        at = at.parent
    return False
