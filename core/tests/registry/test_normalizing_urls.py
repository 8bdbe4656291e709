"""What people paste, and the one form it becomes."""

import pytest

from novel_core.errors import InvalidUrl
from novel_core.urls import normalize_url, parse_url

ACCEPTED = {
    "https://www.royalroad.com/fiction/7": "https://www.royalroad.com/fiction/7",
    "  https://a.example/x\n": "https://a.example/x",
    "\ufeffhttps://a.example/x\u200b": "https://a.example/x",
    "<https://a.example/x>": "https://a.example/x",
    "a.example/x": "https://a.example/x",
    "a.example:8080/x:y": "https://a.example:8080/x:y",
    "localhost:8000/x": "https://localhost:8000/x",
    "//a.example/x": "https://a.example/x",
    "HTTP://A.Example/X": "http://a.example/X",
    "https://a.example.": "https://a.example/",
    "https://a.example:443/": "https://a.example/",
    "http://a.example:80/": "http://a.example/",
    "http://a.example:443/": "http://a.example:443/",
    "https://a.example:/x": "https://a.example/x",
    "https://a.example?": "https://a.example/",
    "https://a.example/x?q=1#part": "https://a.example/x?q=1",
    "https://straße.example/чтение?q=é": (
        "https://xn--strae-oqa.example/%D1%87%D1%82%D0%B5%D0%BD%D0%B8%D0%B5?q=%C3%A9"
    ),
    "https://日本語。example/": "https://xn--wgv71a119e.example/",
    "https://a.example/%7Bx%7D|y": "https://a.example/%7Bx%7D%7Cy",
    "https://a.example/@me/x": "https://a.example/@me/x",
    "http://127.0.0.1:8000/x": "http://127.0.0.1:8000/x",
    "http://[::1]:8000/x": "http://[::1]:8000/x",
}

REFUSED = {
    "": "The address is empty.",
    " \t ": "The address is empty.",
    "royalroad": "“royalroad” is not a URL.",
    "ftp://a.example/x": "Addresses that start with “ftp:” are not supported, only http and https.",
    "javascript:alert(1)": (
        "Addresses that start with “javascript:” are not supported, only http and https."
    ),
    "mailto:me@a.example": "Addresses that start with “mailto:” are not supported, only http and https.",
    "https:/a.example/x": "“https:/a.example/x” is not a URL: two slashes follow https:",
    "https://": "The address “https://” names no host.",
    "https:///x": "The address “https:///x” names no host.",
    "https://me:secret@a.example/": "The address carries a user name or a password.",
    "me@a.example": "The address carries a user name or a password.",
    "https:/me:secret@a.example": "“…@a.example” is not a URL: two slashes follow https:",
    "https://a.example/x y": "The address contains a space.",
    "https://a.example/x\ny": "The address contains a line break.",
    "https://a.example/x\x00": "The address contains the character U+0000.",
    "https://a.example/\ud800": "The address contains the character U+D800.",
    "https://a.example/x\u00a0y": "The address contains the character U+00A0.",
    "https://a.example:99999/": "The port of the address is not a number from 1 to 65535.",
    "a.example:port/": "The port of the address is not a number from 1 to 65535.",
    "https://a.example:0/": "The port of the address is not a number from 1 to 65535.",
    "https://a..example/": "“a..example” is not a host name.",
    "https://-a.example/": "“-a.example” is not a host name.",
    "https://a%41.example/": "“a%41.example” is not a host name.",
    "https://a.example\\x/": "“a.example\\x” is not a host name.",
    "https://[::1": "“https://[::1” is not a URL.",
    "https://[fe80::1%25eth0]/": "“fe80::1%25eth0” is not a host name.",
    "https://a.example/" + "x" * 2048: "The address is longer than 2,048 characters.",
    "https://a.example/" + "ж" * 1000: "The address is longer than 2,048 characters.",
}


@pytest.mark.parametrize(("pasted", "expected"), ACCEPTED.items())
def test_it_becomes_one_form(pasted: str, expected: str) -> None:
    assert normalize_url(pasted) == expected


@pytest.mark.parametrize("url", ACCEPTED.values())
def test_normalising_again_changes_nothing(url: str) -> None:
    assert normalize_url(url) == url


@pytest.mark.parametrize(("pasted", "message"), REFUSED.items())
def test_it_is_refused_in_one_clear_line(pasted: str, message: str) -> None:
    with pytest.raises(InvalidUrl) as refusal:
        normalize_url(pasted)
    assert refusal.value.message == message
    assert refusal.value.hint != ""


def test_the_host_is_told_apart() -> None:
    parsed = parse_url("http://[::1]:8000/x")
    assert parsed.host == "::1"
    assert parse_url("A.Example:8080").host == "a.example"
