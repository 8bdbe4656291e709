"""Bytes as text, by the rules of browsers."""

import time

import pytest
from webencodings import LABELS

from novel_core import Page, PageKind
from novel_core.document import decode

CHINESE = "<meta charset=gbk><p>\u4f60\u597d\u56e7</p>"


@pytest.mark.parametrize("label", ["gbk", "GB2312", "gb_2312-80", "x-gbk", "gb18030", "chinese"])
@pytest.mark.parametrize(
    "header",
    [
        "text/html; charset={}",
        "text/html; Charset={}",
        'text/html;charset="{}"',
        "text/html; charset = {} ; x=y",
    ],
)
def test_a_header_names_the_encoding_by_any_label_of_the_web(label: str, header: str) -> None:
    text = "<p>\u4f60\u597d\u56e7</p>"
    assert decode(text.encode("gbk"), header.format(label)) == text


@pytest.mark.parametrize(
    "meta",
    [
        "<meta charset=gbk>",
        "<META CHARSET='GB2312'>",
        '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">',
        "<meta content='text/html;charset=gbk' http-equiv=content-type>",
        "<!-- <meta charset=utf-8> --><meta charset=gbk>",
        "<script>var a = '<meta charset=utf-8>'</script><meta charset=gbk>",
        "<meta charset=nonsense><meta charset=gbk>",
        "<?xml version='1.0' encoding='gbk'?>",
    ],
)
def test_a_page_names_its_encoding_itself(meta: str) -> None:
    text = f"<html><head>{meta}</head><p>\u4f60\u597d\u56e7</p>"
    if meta.startswith("<?"):
        text = f"{meta}<html><p>\u4f60\u597d\u56e7</p></html>"
    assert decode(text.encode("gbk"), "text/html") == text


def test_the_header_goes_before_the_page_and_the_mark_before_both() -> None:
    text = "<meta charset=koi8-r>\u4f60"
    assert decode(text.encode("gbk"), "text/html; charset=gbk") == text
    assert decode(text.encode("utf-8-sig"), "text/html; charset=gbk") == text
    assert decode(b"\xff\xfe" + text.encode("utf-16-le"), "text/html; charset=gbk") == text


@pytest.mark.parametrize(
    "label", ["iso-8859-1", "latin1", "us-ascii", "windows-1252", "ISO8859-1", "x-cp1252"]
)
def test_latin_labels_mean_windows(label: str) -> None:
    body = "\u201cHi\u201d \u2013 it\u2019s".encode("cp1252")
    assert decode(body, f"text/html; charset={label}") == "\u201cHi\u201d \u2013 it\u2019s"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "<p>\u0422\u0435\u043c\u043d\u0430\u044f \u043d\u043e\u0447\u044c \u0438 \u0442\u0438\u0445\u0438\u0439 \u043b\u0435\u0441, \u0433\u0434\u0435 \u043d\u0438\u043a\u043e\u0433\u043e \u043d\u0435\u0442.</p>",
            "cp1251",
        ),
        (
            "<p>\u96e8\u304c\u964d\u3063\u3066\u3044\u308b\u3002\u8ab0\u3082\u3044\u306a\u3044\u9053\u3092\u6b69\u304f\u3002</p>",
            "shift_jis",
        ),
        (
            "<p>\u96e8\u4e0b\u4e86\u6574\u591c\uff0c\u6ca1\u6709\u4eba\u8d70\u5728\u8fd9\u6761\u8def\u4e0a\u3002</p>",
            "gbk",
        ),
        ("<p>\u201cIt\u2019s late,\u201d she said \u2013 caf\u00e9s close at ten.</p>", "cp1252"),
    ],
)
def test_an_undeclared_encoding_is_guessed(text: str, encoding: str) -> None:
    url = f"https://novel.example.{'jp' if encoding == 'shift_jis' else 'org'}/c/1"
    assert decode(text.encode(encoding), "text/html", url) == text


def test_a_damaged_page_of_utf8_stays_utf8() -> None:
    body = ("\u201cNo,\u201d she said. " * 20).encode() + b"\xe2\x80"
    assert decode(body, "text/html") == "\u201cNo,\u201d she said. " * 20 + "\ufffd"


@pytest.mark.parametrize(
    "label",
    [
        "rot13",
        "punycode",
        "idna",
        "base64",
        "unicode_escape",
        "utf-7",
        "hz-gb-2312",
        "\u212a",
        "x" * 5000,
    ],
)
def test_what_is_no_encoding_of_the_web_is_no_encoding(label: str) -> None:
    assert decode("caf\u00e9".encode(), f"text/html; charset={label}") == "caf\u00e9"


def test_every_label_of_the_web_decodes_anything() -> None:
    body = bytes(range(256)) * 3
    for label in LABELS:
        assert "\x00" not in decode(body, f"text/html; charset={label}")
        decode(f'<meta charset="{label}">'.encode() + body)


def test_a_declaration_of_utf16_in_ascii_means_utf8() -> None:
    text = "<meta charset=utf-16>caf\u00e9"
    assert decode(text.encode(), "text/html") == text


def test_json_declares_nothing_inside() -> None:
    body = '{"html": "<meta charset=gbk>caf\u00e9"}'.encode()
    assert "caf\u00e9" in decode(body, "application/json")


def test_feeds_are_read_by_their_declaration() -> None:
    text = "<?xml version='1.0' encoding='windows-1251'?><rss>\u0434\u0430</rss>"
    assert decode(text.encode("cp1251"), "application/rss+xml") == text


def test_the_text_of_a_page_is_decoded_so() -> None:
    page = Page("https://novel.example/c/1", PageKind.CHAPTER, CHINESE.encode("gbk"))
    assert page.text == CHINESE


def test_nul_is_nothing() -> None:
    assert decode(b"a\x00b") == "ab"


def test_a_guess_costs_no_more_for_a_long_page() -> None:
    body = "\u201cYes.\u201d ".encode("cp1252") * 100
    short, long = (min(_cost(body * times) for _ in range(3)) for times in (400, 1600))
    assert long < short * 10 + 0.05


def _cost(body: bytes) -> float:
    start = time.process_time()
    decode(body)
    return time.process_time() - start
