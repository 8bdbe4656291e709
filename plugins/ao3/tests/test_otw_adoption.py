"""An archive that nobody has listed is added with proof."""

import pytest
from adopting import Adopting
from sqlalchemy import Engine
from workbench import NO_LIMIT, quick_settings, registry_of

from novel_ao3_lookalike import Fault, Library, LookalikeServer, LookalikeWork, SiteSwitches
from novel_core.runtime import Runtime, Servers

HOST = "capes.example"
URL = f"https://{HOST}/works/7"


def machine(site: LookalikeServer, database: Engine) -> Adopting:
    settings = quick_settings(
        host_map={HOST: site.url},
        sources=dict.fromkeys(("adoption", "capes-example"), NO_LIMIT),
    )
    return Adopting(Runtime(settings, registry_of("ao3=novel_ao3"), database, Servers("", None)))


@pytest.mark.parametrize("chapters", [1, 30])
@pytest.mark.parametrize("is_older", [True, False])
def test_an_archive_is_proved_and_added(database: Engine, chapters: int, *, is_older: bool) -> None:
    work = LookalikeWork.generate(7, chapters=chapters)
    switches = SiteSwitches(origin=f"https://{HOST}", name="Capes", is_older=is_older)
    with LookalikeServer(Library([work]), switches) as site:
        bench = machine(site, database)
        adoption = bench.adopt(URL)
        report = adoption.report
        assert report is not None
        assert report.novel is not None
        assert (report.software, report.site.title, report.verdict) == (
            "OTW Archive",
            "Capes",
            "proved",
        )
        assert (report.novel.title, report.novel.found) == (work.title, chapters)
        assert all(one.words > 100 for one in report.chapters)
        assert report.requests <= 5
        assert bench.confirm(adoption.job.id) == "capes-example"
        assert bench.ingest(URL).chapters["new"] == chapters
        assert bench.ingest(URL).chapters["unchanged"] == chapters


def test_an_archive_behind_a_bot_check_is_not_added(database: Engine) -> None:
    with LookalikeServer(Library([LookalikeWork.generate(7)])) as site:
        site.switches.faults["/works/7"] = Fault.ANUBIS
        adoption = machine(site, database).adopt(URL)
        assert (adoption.report, adoption.job.error_code) == (None, "blocked")
        assert site.paths(pages_only=True) == ["/works/7"]
