"""What is saved answers only requests of its own kind."""

from novel_core import Follow, PageKind
from novel_core.crawl.delegate import Validators
from novel_core.ingest.known_content import KnownContent, SavedChapter
from novel_core.jobs.options import JobOptions


def test_a_chapters_page_does_not_stand_for_a_list() -> None:
    known = KnownContent(JobOptions(), archived_chapters={("7", 0): 12})
    chapter = Follow("https://example.org/c/7", PageKind.CHAPTER, chapters=("7",))
    listed = Follow("https://example.org/w/1", PageKind.INDEX, chapters=("7",))
    assert known.page_of(chapter) == 12
    assert known.page_of(listed) is None


def test_a_list_is_not_asked_for_with_a_chapters_validators() -> None:
    known = KnownContent(JobOptions(), chapters={"7": SavedChapter(None, Validators('"a"'))})
    chapter = Follow("https://example.org/c/7", PageKind.CHAPTER, chapters=("7",))
    listed = Follow("https://example.org/w/1", PageKind.INDEX, chapters=("7",))
    assert known.validators(chapter) == Validators('"a"', None)
    assert known.validators(listed) is None
