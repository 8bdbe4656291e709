"""E-mail addresses that Cloudflare hides from programs, encoded with another key in each response."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from novel_core.document.text import replace_by_text

_LINK = "/cdn-cgi/l/email-protection#"


def reveal_emails(root: LexborNode) -> None:
    """Decode protected e-mail addresses below `root`, as Cloudflare's script does in a browser."""
    for node in root.css("[data-cfemail]"):
        if address := decode_email(node.attributes.get("data-cfemail") or ""):
            replace_by_text(node, address)
    for node in root.css(f"a[href*='{_LINK}']"):
        code = (node.attributes.get("href") or "").partition("#")[2]
        if address := decode_email(code):
            node.attrs["href"] = f"mailto:{address}"


def decode_email(code: str) -> str | None:
    """The address in a code: hex bytes, the first of which is the key of the others.

    >>> decode_email("422302206c21")
    'a@b.c'
    """
    try:
        key, *rest = bytes.fromhex(code.partition("?")[0])
        return bytes(byte ^ key for byte in rest).decode("utf-8") or None
    except ValueError:
        return None
