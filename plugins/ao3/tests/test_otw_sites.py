"""Archives other than Archive of Our Own: older software, folders, bot checks; through the engine."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from workbench import Workbench, quick_settings, registry_of

from novel_ao3_lookalike import (
    Fault,
    Library,
    LookalikeSeries,
    LookalikeServer,
    LookalikeWork,
    SiteSwitches,
    State,
    list_pages,
    older,
    work_page,
)
from novel_core.errors import SiteRefused, UnsupportedUrl
from novel_core.runtime import Runtime, Servers
from novel_core.settings import SourceOverride
from novel_core.states import JobState

HOST = "superlove.sayitditto.net"
ORIGIN = f"https://{HOST}"
URL = f"{ORIGIN}/works/7"
INDEX = "/works/7/navigate"
WHOLE = "/works/7?view_full_work=true&view_adult=true"


@pytest.fixture
def work() -> LookalikeWork:
    work = LookalikeWork.generate(7, chapters=3)
    work.tags["category"] = ["Gen", "QPR"]
    work.tags["era"] = ["Silver Age (1957-1970)"]
    work.tags["relationship"] = ["Ansa ~ Borin"]
    work.skin = "#workskin .steam { color: red }"
    return work


@pytest.fixture
def site(work: LookalikeWork) -> Iterator[LookalikeServer]:
    switches = SiteSwitches(origin=ORIGIN, name="Capes", is_older=True, has_jsd=False)
    with LookalikeServer(Library([work]), switches) as served:
        yield served


@pytest.fixture
def bench(site: LookalikeServer, database: Engine) -> Workbench:
    settings = quick_settings(
        host_map={HOST: site.url},
        sources={"superlove-sayitditto-net": SourceOverride(requests_per_second=0)},
    )
    return Workbench(Runtime(settings, registry_of("ao3=novel_ao3"), database, Servers("", None)))


@pytest.mark.parametrize("has_workskin", [True, False])
def test_older_software_is_read_in_as_few_requests(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork, *, has_workskin: bool
) -> None:
    site.switches.has_workskin = has_workskin
    work.is_adult = True
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 3)
    assert site.paths(pages_only=True) == [INDEX, WHOLE]
    novel = bench.novel(URL)
    assert (novel.summary.source, novel.summary.url) == ("superlove-sayitditto-net", URL)
    assert {"QPR", "Silver Age (1957-1970)", "Ansa ~ Borin"} <= {tag["name"] for tag in novel.tags}
    first = bench.read(URL, f"@{work.chapters[0].id}")
    assert first.content_html == "\n".join(work.chapters[0].paragraphs)

    site.clear()
    job = bench.ingest(URL)
    unchanged = [INDEX, f"/works/7/chapters/{work.chapters[0].id}?view_adult=true"]
    assert (job.chapters["unchanged"], site.paths(pages_only=True)) == (3, unchanged)

    site.clear()
    for _ in range(3):
        work.add_chapter()
    work.chapters[1].paragraphs = ["<p>Mended.</p>"]
    work.chapters[1].day = date(2025, 1, 2)
    gone = work.chapters.pop(2)
    job = bench.ingest(URL)
    counts = {name: job.chapters[name] for name in ("new", "changed", "unchanged", "removed")}
    assert counts == {"new": 3, "changed": 1, "unchanged": 1, "removed": 1}
    assert len(site.paths(pages_only=True)) == 2 + 3 + 1
    assert bench.read(URL, f"@{gone.id}").content_html == "\n".join(gone.paragraphs)


@pytest.mark.parametrize(
    ("state", "code", "words", "requests"),
    [
        # Here the software of 2024 asks for a login at once.
        (State.LOCKED, "login_required", "registered users only", 2),
        (State.HIDDEN, "login_required", "hidden by its staff, or a draft", 2),
        (State.UNREVEALED, "not_yet", "not yet revealed", 3),
    ],
)
def test_a_work_that_older_software_does_not_show_says_why(
    bench: Workbench,
    site: LookalikeServer,
    work: LookalikeWork,
    state: State,
    code: str,
    words: str,
    requests: int,
) -> None:
    work.state = state
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, code)
    assert words in str(job.error_message)
    assert len(site.paths(pages_only=True)) == requests


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault.ANUBIS, "blocked", "bot check (Anubis)"),
        (Fault.DOWN_PLAIN, "site_unavailable", "overloaded"),
        (Fault.GONE_HOME, "not_found", "no such page"),
        (Fault.OTHER_SOFTWARE, "page_changed", "its site may have replaced"),
    ],
)
def test_what_small_archives_serve_in_place_of_a_page(
    bench: Workbench, site: LookalikeServer, fault: Fault, code: str, words: str
) -> None:
    bench.ingest(URL)
    site.clear()
    site.switches.faults[INDEX] = fault
    job = bench.ingest(URL)
    assert (job.status, job.error_code) == (JobState.ERROR, code)
    assert words in str(job.error_message)
    assert set(site.paths(pages_only=True)) == {INDEX}
    assert len(bench.chapters(URL)) == 3


@pytest.mark.parametrize(
    ("stated", "unlisted"), [("9/?", 6), ("1/9", 0), ("-3/9", 0), ("some", 0), ("9" * 30, 0)]
)
def test_the_number_of_chapters_may_lie(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork, stated: str, unlisted: int
) -> None:
    text = older.html(work_page.full(work, site.switches), site.switches)
    site.switches.replaced["/works/7"] = text.replace(">3/3<", f">{stated}<")
    job = bench.ingest(URL)
    assert (job.chapters["new"], job.chapters["unlisted"]) == (3, unlisted)


def test_an_index_that_repeats_a_chapter_and_titles_with_markup(
    bench: Workbench, site: LookalikeServer, work: LookalikeWork
) -> None:
    work.title = '<b>x</b>"><script>alert(1)</script> \u6c34'
    text = older.html(list_pages.navigate(work), site.switches)
    first = text[text.index("  <li><a href") : text.index("</li>", text.index("  <li><a href")) + 5]
    again = text.replace("</ol>", f"{first}\n</ol>").replace("(2024-", "(2024-99-")
    site.switches.replaced[INDEX] = again
    for _ in range(2):
        assert bench.ingest(URL).chapters["total"] == 3
    assert bench.novel(URL).summary.title == work.title
    assert [one.published_at for one in bench.chapters(URL)] == [None, None, None]


def test_an_attachment_in_place_of_a_text_is_named(bench: Workbench, work: LookalikeWork) -> None:
    work.chapters[1].paragraphs = ['<iframe src="https://files.example/comic.PDF?x=1"></iframe>']
    work.chapters[2].paragraphs = ['<iframe src="https://video.example/9"></iframe>']
    job = bench.ingest(URL)
    assert (job.status, job.chapters["new"]) == (JobState.DONE, 3)
    warnings = [event.message for event in bench.events(job.id)]
    assert [text for text in warnings if "attachment" in text] == [
        (
            f"{ORIGIN}{WHOLE}: The text of {work.chapters[1].title} is an attachment:"
            " only a link to it is saved."
        )
    ]
    assert 'href="https://files.example/comic.PDF?x=1"' in bench.read(URL, "2").content_html


def test_an_archive_in_a_folder_is_read_there(bench: Workbench, site: LookalikeServer) -> None:
    from novel_ao3.source import OtwSource
    from novel_ao3_lookalike import archived
    from novel_core import Page, PageKind, Site

    folder = "https://example.org/archive"
    source = OtwSource(Site("folder", "otw", folder))
    works = [site.library.works[7], LookalikeWork.generate(8)]
    one = LookalikeSeries(5, "Both", [7, 8])
    switches = SiteSwitches(origin="https://example.org", folder="/archive", name="Capes")
    text = older.html(list_pages.series(one, works, 1), switches)
    page = archived.page(text, f"{folder}/series/5")
    parsed = source.parser().parse(page)
    assert [follow.url for follow in parsed.follow] == [
        f"{folder}/works/{work.id}?view_full_work=true" for work in works
    ]
    for path in ("/archive/", "/archive"):
        home = Page(
            f"https://example.org{path}", PageKind.INDEX, b"", requested_url=f"{folder}/works/7"
        )
        [follow] = source.parser().follow(home)
        assert follow.url == f"{folder}/works/7?view_adult=true"
    assert source.match("https://example.org/works/7") is None
    assert source.match("https://example.org/archives/works/7") is None


def test_addresses_of_each_archive() -> None:
    registry = registry_of("ao3=novel_ao3")
    for pasted, name, url in (
        (
            "http://adastrafanfic.com/works/0042?x=1#main",
            "adastrafanfic-com",
            "https://www.adastrafanfic.com/works/42",
        ),
        (
            "https://www.cfaarchive.org/collections/a/works/9/chapters/3",
            "cfaarchive-org",
            "https://www.cfaarchive.org/works/9/chapters/3",
        ),
        (f"{ORIGIN}/series/3", "superlove-sayitditto-net", f"{ORIGIN}/series/3"),
        ("https://ao3.org/works/42", "ao3", "https://archiveofourown.org/works/42"),
    ):
        found = registry.resolve(pasted)
        assert (found.source.name, found.match.url) == (name, url)
    for pasted in ("https://www.adastrafanfic.com/viewstory.php?sid=5", f"{ORIGIN}/works/0"):
        with pytest.raises(UnsupportedUrl):
            registry.resolve(pasted)
    for host in ("squidgeworld.org", "www.squidgeworld.org"):
        with pytest.raises(SiteRefused, match="Anubis"):
            registry.resolve(f"https://{host}/works/42")


def test_each_archive_has_its_own_pace() -> None:
    family = registry_of("ao3=novel_ao3").families["otw"]
    paces = [family.load(site).info.politeness for site in family.sites]
    assert all(pace.requests_per_second == 0.2 for pace in paces)
    assert {pace.rate_group for pace in paces} == {""}
