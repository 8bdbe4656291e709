"""The matches of URLs."""

import pytest
from novel_core import UrlKind

from {{ cookiecutter.__module }} import urls

# TODO: URLs as people paste them, from the site, a search engine and a chat
NOVELS = ["/novel/7", "/novel/7/", "/novel/7/the-lamplighters-ledger", "/novel/7?page=2"]
CHAPTERS = ["/novel/7/chapter/1", "/novel/7/chapter/1/", "/novel/7/chapter/1?comment=3"]
OTHERS = ["/", "/novel", "/novel/", "/novel/none", "/author/12"]


@pytest.mark.parametrize("path", NOVELS)
def test_novel(path: str) -> None:
    match = urls.match_url(f"{urls.ORIGIN}{path}")
    assert match is not None
    assert (match.kind, match.novel_id, match.chapter_id) == (UrlKind.NOVEL, "7", None)
    assert match.url == f"{urls.ORIGIN}/novel/7"


@pytest.mark.parametrize("path", CHAPTERS)
def test_chapter(path: str) -> None:
    match = urls.match_url(f"{urls.ORIGIN}{path}")
    assert match is not None
    assert (match.kind, match.novel_id, match.chapter_id) == (UrlKind.CHAPTER, "7", "1")
    assert match.url == f"{urls.ORIGIN}/novel/7/chapter/1"


@pytest.mark.parametrize("path", OTHERS)
def test_no_match(path: str) -> None:
    assert urls.match_url(f"{urls.ORIGIN}{path}") is None


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/novel/7", f"{urls.ORIGIN}:8443/novel/7", "http://[", ""]
)
def test_not_of_this_site(url: str) -> None:
    assert urls.match_url(url) is None
