"""What the software is known by, and what is not taken for it."""

import pytest
from workbench import registry_of

from novel_ao3_lookalike import (
    LookalikeSeries,
    LookalikeWork,
    SiteSwitches,
    archived,
    list_pages,
    notice_pages,
    older,
    work_page,
)
from novel_core import Page

FAMILY = registry_of("ao3=novel_ao3").families["otw"]

WORK = LookalikeWork.generate(7, chapters=2)
SERIES = LookalikeSeries(5, "Five", [7])
OLDER = SiteSwitches(name="Capes & Kettles", is_older=True, has_jsd=False)
PAGES = {
    "work": work_page.full(WORK, OLDER),
    "chapter": work_page.one_chapter(WORK, WORK.chapters[0], OLDER),
    "index": list_pages.navigate(WORK),
    "series": list_pages.series(SERIES, [WORK], 1),
    "login": notice_pages.login(is_restricted=True),
    "warning": notice_pages.adult(WORK, "/works/7"),
    "front page": notice_pages.home(),
}


@pytest.mark.parametrize("folder", ["", "/archive"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_tells_the_software(name: str, folder: str) -> None:
    for is_older, version in ((True, None), (False, "1.0.0.1")):
        switches = SiteSwitches(name="Capes &amp; Kettles", folder=folder, is_older=is_older)
        page = archived.page(older.html(PAGES[name], switches), f"https://example.org{folder}/a/1")
        found = FAMILY.recognise(page)
        assert found is not None
        assert (found.base_url, found.version) == (f"https://example.org{folder}", version)
        assert (found.title, found.confidence > 0.7) == ("Capes & Kettles", True)


@pytest.mark.parametrize(
    "text",
    [
        # Error pages name Archive of Our Own at every archive.
        notice_pages.error(503, "Slow."),
        notice_pages.not_found(is_static=True),
        notice_pages.anubis(),
        notice_pages.other_software(),
        notice_pages.challenge(),
        PAGES["work"].replace('id="main"', 'id="content"'),
        "",
    ],
)
def test_other_pages_do_not(text: str) -> None:
    assert FAMILY.recognise(archived.page(text, "https://example.org/works/7")) is None


@pytest.mark.parametrize("name", PAGES)
def test_a_page_cut_anywhere_is_read_or_refused(name: str) -> None:
    from novel_ao3.source import OtwSource
    from novel_core import Site
    from novel_core.errors import SourceError

    parser = OtwSource(Site("capes", "otw", "https://example.org")).parser()
    text = older.html(PAGES[name], OLDER)
    for end in range(0, len(text) - 8, len(text) // 40):
        page: Page = archived.page(text[:end], "https://example.org/works/7")
        with pytest.raises(SourceError):
            parser.parse(page)
        FAMILY.recognise(page)
