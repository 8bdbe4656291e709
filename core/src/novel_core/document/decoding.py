"""Decoding: the bytes of a page as text, by the rules of the WHATWG Encoding and HTML standards."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from chardetng_py import EncodingDetector
from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import read_bom, to_unicode
from webencodings import lookup

#: Bytes in which browsers look for a declaration.
_PRESCAN = 1024
_SAMPLE = 200_000
_CHARSET = re.compile(r"charset\s*+=\s*+(?:[\"']\s*+)?([\w.:+-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:+-]+)", re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
#: Labels whose Python decoder reads less than the standard's decoder.
_WIDER = {"gbk": "gb18030", "x-user-defined": "cp1252"}


def decode(body: bytes, content_type: str = "", url: str = "") -> str:
    """The text of a response's body, without NUL. It never fails: undecodable bytes become U+FFFD.

    A byte order mark decides, then the `charset` of the Content-Type header, then a declaration in
    the first 1024 bytes (`<meta>` of HTML, the XML declaration); labels mean what they mean on the
    web: `gb2312` is GB 18030, `iso-8859-1` is Windows-1252. Without any declaration, the body is
    UTF-8 if it is valid UTF-8; else Firefox's detector guesses from the bytes and the country of
    `url`.

    >>> decode("“Hi” he said".encode("cp1252"), "text/html; Charset=ISO-8859-1")
    '“Hi” he said'
    >>> decode('<meta charset="gb2312"><p>囧</p>'.encode("gbk"))
    '<meta charset="gb2312"><p>囧</p>'
    """
    bom, codec = _encoding(body, content_type, url)
    text = to_unicode(body[len(bom) :], codec)
    return text.replace("\x00", "") if "\x00" in text else text


def encode(text: str, like: bytes, content_type: str = "", url: str = "") -> bytes:
    r"""A page's changed text in the encoding of the body that it was decoded from.

    Characters that the encoding does not have become references.

    >>> encode("<p>caf\xe9 \u96e8</p>", b"<meta charset=latin1><p>caf\xe9</p>")
    b'<p>caf\xe9 &#38632;</p>'
    """
    bom, codec = _encoding(like, content_type, url)
    return bom + text.encode(codec, "xmlcharrefreplace")


def _encoding(body: bytes, content_type: str, url: str) -> tuple[bytes, str]:
    """The byte order mark, if there is one, and Python's codec for the rest."""
    bom_encoding, bom = read_bom(body)
    if bom_encoding is not None and bom is not None:
        return bom, bom_encoding
    codec = _codec(_label(content_type)) or _declared(body[:_PRESCAN], content_type.lower())
    return b"", codec or _undeclared(body, url)


def _label(value: str) -> str:
    found = _CHARSET.search(value)
    return found[1] if found else ""


def _codec(label: str) -> str | None:
    """Python's codec for a label of the web; None for a label that browsers do not know."""
    encoding = lookup(label) if label.isascii() else None
    if encoding is None or encoding.name == "replacement":
        return None
    name: str = encoding.codec_info.name
    return _WIDER.get(name, name)


# Cached, because a page is decoded by its parser and by the search for hidden text.
@lru_cache(maxsize=16)
def _declared(beginning: bytes, content_type: str) -> str | None:
    if "json" in content_type:
        return None
    head = beginning.decode("latin-1")
    declaration = _XML_DECLARATION.match(head)
    codec = _codec(declaration[1]) if declaration else None
    may_be_html = not content_type or "html" in content_type
    if codec is None and may_be_html and "charset" in head.lower():
        codec = next(filter(None, map(_codec, _meta_labels(head))), None)
    # A declaration that can be read as ASCII is not UTF-16.
    return "utf-8" if codec is not None and codec.startswith("utf-16") else codec


def _meta_labels(head: str) -> list[str]:
    labels: list[str] = []
    for meta in LexborHTMLParser(head).css("meta"):
        attributes = meta.attributes
        if attributes.get("charset"):
            labels.append(attributes["charset"] or "")
        elif (attributes.get("http-equiv") or "").lower() == "content-type":
            labels.append(_label(attributes.get("content") or ""))
    return labels


def _undeclared(body: bytes, url: str) -> str:
    """The codec of a body without a declaration."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A damaged UTF-8 page is still UTF-8; hardly any bytes of other encodings are valid UTF-8.
    if broken * 10 < sum(1 for _ in re.finditer(r"[^\x00-\x7f\ufffd]", text)):
        return "utf-8"
    first = _NOT_ASCII.search(body)
    start = first.start() if first else 0
    country = (urlsplit(url).hostname or "").rpartition(".")[2]
    tld = country.encode() if country.isascii() and country.isalpha() else None
    detector = EncodingDetector()
    detector.feed(body[start : start + _SAMPLE], last=True)
    return _codec(detector.guess(tld=tld, allow_utf8=False)) or "cp1252"
