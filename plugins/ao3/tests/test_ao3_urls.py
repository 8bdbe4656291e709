"""The addresses that are claimed, and what each becomes."""

import pytest
from workbench import registry_of

from novel_ao3 import SOURCE
from novel_ao3.follows import request_url
from novel_core.page import Follow
from novel_core.registry import Registry
from novel_core.source import PageKind, UrlKind, UrlMatch
from novel_core.urls import normalize_url

ORIGIN = "https://archiveofourown.org"
WORK = UrlMatch(UrlKind.NOVEL, f"{ORIGIN}/works/42", novel_id="42")
CHAPTER = UrlMatch(
    UrlKind.CHAPTER,
    f"{ORIGIN}/works/42/chapters/977",
    novel_id="42",
    chapter_id="977",
    novel_url=f"{ORIGIN}/works/42",
)
BARE_CHAPTER = UrlMatch(UrlKind.CHAPTER, f"{ORIGIN}/chapters/977", chapter_id="977")
SERIES = UrlMatch(UrlKind.NOVEL, f"{ORIGIN}/series/6", novel_id="series-6")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of("ao3=novel_ao3")


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("https://archiveofourown.org/works/42", WORK),
        ("http://archiveofourown.org/works/42/", WORK),
        ("https://www.archiveofourown.org/works/0042?view_full_work=true", WORK),
        ("https://archiveofourown.org/works/42#workskin", WORK),
        ("https://archiveofourown.org/works/42/navigate", WORK),
        ("https://archiveofourown.org/works/42/chapters", WORK),
        ("https://archiveofourown.org/collections/yule_2020/works/42", WORK),
        ("ao3.org/works/42?style=disable", WORK),
        ("https://www.ao3.org/works/42", WORK),
        ("https://archiveofourown.com/works/42", WORK),
        ("https://www.archiveofourown.net/works/42", WORK),
        ("https://archive.transformativeworks.org/works/42", WORK),
        ("https://archiveofourown.gay/works/42", WORK),
        ("http://insecure.archiveofourown.org/works/42", WORK),
        ("https://archiveofourown.org/works/42/chapters/977", CHAPTER),
        ("https://archiveofourown.org/works/42/chapters/000977?show_comments=true", CHAPTER),
        ("https://archiveofourown.org/collections/yule/works/42/chapters/977", CHAPTER),
        ("http://ao3.org/works/042/chapters/977#chapter_2_endnotes", CHAPTER),
        ("https://archiveofourown.org/chapters/977#work_endnotes", BARE_CHAPTER),
        ("https://archiveofourown.org/chapters/0977?view_adult=true", BARE_CHAPTER),
        ("https://archiveofourown.org/series/6", SERIES),
        ("https://archiveofourown.org/series/006?page=2", SERIES),
        ("https://archiveofourown.org/works", None),
        ("https://archiveofourown.org/works/0", None),
        ("https://archiveofourown.org/works/42/bookmarks", None),
        ("https://archiveofourown.org/works/search?q=42", None),
        ("https://archiveofourown.org/works/42a", None),
        ("https://archiveofourown.org/users/inkpot/works", None),
        ("https://archiveofourown.org/downloads/42/work.epub", None),
        ("https://archiveofourown.org/external_works/42", None),
        ("https://archiveofourown.org:8443/works/42", None),
        ("https://archiveofourown.org.example/works/42", None),
    ],
)
def test_what_people_paste(registry: Registry, pasted: str, expected: UrlMatch | None) -> None:
    match = SOURCE.match(normalize_url(pasted))
    assert match == expected
    if match is not None:
        assert SOURCE.match(match.url) == match
        assert registry.resolve(pasted).match == match


def test_samples_match_as_they_state() -> None:
    for sample in SOURCE.samples:
        match = SOURCE.match(normalize_url(sample.url))
        assert match is not None
        assert (match.kind, match.url) == (sample.kind, sample.canonical_url)
        assert (match.novel_id, match.chapter_id) == (sample.novel_id, sample.chapter_id)


def test_the_pace_is_the_one_readers_report_as_safe() -> None:
    pace = SOURCE.info.politeness
    assert (pace.requests_per_second, pace.concurrency) == (0.2, 1)


@pytest.mark.parametrize(
    ("url", "kind", "position", "asked"),
    [
        (WORK.url, PageKind.INDEX, 0, f"{ORIGIN}/works/42/navigate"),
        (CHAPTER.url, PageKind.INDEX, 0, f"{ORIGIN}/works/42/navigate"),
        (CHAPTER.url, PageKind.INDEX, 1, f"{CHAPTER.url}?view_adult=true"),
        (CHAPTER.url, PageKind.CHAPTER, 0, f"{CHAPTER.url}?view_adult=true"),
        (BARE_CHAPTER.url, PageKind.CHAPTER, 0, f"{BARE_CHAPTER.url}?view_adult=true"),
        (SERIES.url, PageKind.INDEX, 0, SERIES.url),
    ],
)
def test_what_is_really_asked(url: str, kind: PageKind, position: int, asked: str) -> None:
    assert request_url(Follow(url, kind, position=position), SOURCE.urls) == asked
