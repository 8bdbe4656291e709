"""Which addresses are claimed, and as what."""

import subprocess
import sys

import pytest

from novel_core.source import Sample, UrlKind
from novel_royalroad import SOURCE
from novel_royalroad.chapter_list import chapter_url

FICTIONS = [
    "https://www.royalroad.com/fiction/33844",
    "https://www.royalroad.com/fiction/33844/",
    "https://www.royalroad.com/fiction/33844/the-runesmith",
    "https://www.royalroad.com/fiction/33844/the-runesmith/",
    "http://www.royalroad.com/fiction/33844/the-runesmith",
    "https://royalroad.com/fiction/33844/the-runesmith",
    "https://royalroadl.com/fiction/33844",
    "http://www.royalroadl.com/fiction/33844/the-runesmith",
    "https://www.royalroad.com/fiction/33844/the-runesmith?page=2&x=%2F",
    "https://www.royalroad.com/fiction/33844/the-runesmith#toc",
    "https://www.royalroad.com/fiction/0033844/another-slug",
    "https://www.royalroad.com/Fiction/33844",
    "https://www.royalroad.com:443/fiction/33844",
]
CHAPTERS = [
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/526587/glossary-of-terms",
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/526587/glossary-of-terms/",
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/526587",
    "https://www.royalroad.com/fiction/1/a-lie/chapter/526587/glossary-of-terms",
    "https://www.royalroad.com/fiction/0/_/chapter/526587/_",
    "https://www.royalroad.com/fiction/33844/chapter/526587",
    "https://www.royalroad.com/fiction/chapter/526587",
    "https://www.royalroad.com/fiction/chapter/526587/",
    "https://www.royalroad.com/fiction/chapter/00526587?comment=7#comment-7",
    "http://royalroadl.com/fiction/33844/the-runesmith/chapter/526587/glossary-of-terms",
]
OTHERS = [
    "https://www.royalroad.com/",
    "https://www.royalroad.com/home",
    "https://www.royalroad.com/fiction",
    "https://www.royalroad.com/fiction/",
    "https://www.royalroad.com/fiction/0",
    "https://www.royalroad.com/fiction/000/slug",
    "https://www.royalroad.com/fiction/random",
    "https://www.royalroad.com/fiction/33844x/slug",
    "https://www.royalroad.com/fiction/-3/slug",
    "https://www.royalroad.com/fiction/٣٣/slug",
    "https://www.royalroad.com/fiction/1234567890123/slug",
    "https://www.royalroad.com/fiction/33844/the-runesmith/amp",
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/526587/glossary/amp",
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/",
    "https://www.royalroad.com/fiction/33844/the-runesmith/chapter/0/_",
    "https://www.royalroad.com/fiction/33844//chapter/526587/_",
    "https://www.royalroad.com/fiction/chapter",
    "https://www.royalroad.com/fiction/chapter/526587/comments/1",
    "https://www.royalroad.com/fiction/syndication/33844",
    "https://www.royalroad.com/syndication/33844",
    "https://www.royalroad.com/fictions/search?title=runesmith",
    "https://www.royalroad.com/fictions/best-rated",
    "https://www.royalroad.com/profile/143496",
    "https://www.royalroad.com/profile/143496/fictions",
    "https://www.royalroad.com/amp/fiction/33844",
    "https://www.royalroad.com:8443/fiction/33844",
    "https://m.royalroad.com/fiction/33844",
    "https://www.royalroad.com.example.org/fiction/33844",
    "ftp://www.royalroad.com/fiction/33844",
    "https://[broken/fiction/33844",
    "https://www.royalroad.com:99999/fiction/33844",
    "",
]


@pytest.mark.parametrize("url", FICTIONS)
def test_fiction(url: str) -> None:
    match = SOURCE.match(url)
    assert match is not None
    assert (match.kind, match.novel_id, match.chapter_id) == (UrlKind.NOVEL, "33844", None)
    assert match.url == "https://www.royalroad.com/fiction/33844"


@pytest.mark.parametrize("url", CHAPTERS)
def test_chapter_is_provisional(url: str) -> None:
    match = SOURCE.match(url)
    assert match is not None
    assert (match.kind, match.novel_id, match.chapter_id) == (UrlKind.CHAPTER, None, "526587")
    assert match.url == "https://www.royalroad.com/fiction/chapter/526587"
    assert match.is_provisional


@pytest.mark.parametrize("url", OTHERS)
def test_not_claimed(url: str) -> None:
    assert SOURCE.match(url) is None


@pytest.mark.parametrize("url", [*FICTIONS, *CHAPTERS])
def test_canonical_form_is_a_fixed_point(url: str) -> None:
    match = SOURCE.match(url)
    assert match is not None
    assert SOURCE.match(match.url) == match


@pytest.mark.parametrize("sample", SOURCE.samples)
def test_samples(sample: Sample) -> None:
    match = SOURCE.match(sample.url)
    assert match is not None
    assert (match.kind, match.url) == (sample.kind, sample.canonical_url)
    assert (match.novel_id, match.chapter_id) == (sample.novel_id, sample.chapter_id)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/fiction/5/slug/chapter/9/c", "https://www.royalroad.com/fiction/5/slug/chapter/9/c"),
        ("/fiction/5/slug/chapter/8/c", "https://www.royalroad.com/fiction/5/_/chapter/9/_"),
        ("https://evil.example/chapter/9", "https://www.royalroad.com/fiction/5/_/chapter/9/_"),
        ("URL-NOT-NOTED", "https://www.royalroad.com/fiction/5/_/chapter/9/_"),
        ("http://[", "https://www.royalroad.com/fiction/5/_/chapter/9/_"),
        ("", "https://www.royalroad.com/fiction/5/_/chapter/9/_"),
    ],
)
def test_chapter_url(link: str, expected: str) -> None:
    assert chapter_url("5", "9", link) == expected


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:image/png;base64,AA", "http://["])
def test_a_link_to_no_web_address_gives_the_slugless_address(link: str) -> None:
    slugless = "https://www.royalroad.com/fiction/4711/_/chapter/1001/_"
    assert chapter_url("4711", "1001", link) == slugless


def test_source_info() -> None:
    info = SOURCE.info
    assert info.name == "royalroad"
    assert set(info.domains) == {
        "www.royalroad.com",
        "royalroad.com",
        "www.royalroadl.com",
        "royalroadl.com",
    }
    assert info.politeness.requests_per_second == 1.0


def test_importing_the_plugin_is_light() -> None:
    script = (
        "import sys, novel_royalroad as plugin\n"
        "plugin.SOURCE.match('https://www.royalroad.com/fiction/1')\n"
        "plugin.SOURCE.info, list(plugin.SOURCE.samples)\n"
        "print(sorted({'scrapy', 'lxml', 'pydantic', 'tinycss2', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
