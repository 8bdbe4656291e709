"""Running jobs in tests as `novel ingest` does, with what became of them at hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

from polling import eventually
from sqlalchemy import Engine, text

from novel_core.db.engine import session
from novel_core.hookspecs import ENTRY_POINT_GROUP
from novel_core.ingest.attempt_end import JobOutcome
from novel_core.ingest.runner import run_job
from novel_core.intake import resolve, submit
from novel_core.jobs import lifecycle, views
from novel_core.jobs.options import JobOptions
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.library import chapters, novels
from novel_core.registry import Registry
from novel_core.runtime import Runtime
from novel_core.settings import Settings, SourceOverride

NO_LIMIT = SourceOverride(requests_per_second=0, concurrency=8)


def quick_settings(**overrides: Any) -> Settings:
    """Settings without politeness and with short pauses: for look-alikes."""
    values: dict[str, Any] = {
        "sources": {"royalroad": NO_LIMIT, "toysite": NO_LIMIT},
        "retry_backoff": 0.01,
        "retry_times": 2,
        "http_timeout": 5.0,
    }
    return Settings(**(values | overrides))


def registry_of(*names: str) -> Registry:
    """A registry of modules, each given as `name` or `name=module`."""
    pairs = [name.partition("=") for name in names]
    return Registry.load(
        entry_points=[
            EntryPoint(name=name, value=module or name, group=ENTRY_POINT_GROUP)
            for name, _, module in pairs
        ]
    )


@dataclass
class Workbench:
    """One database, one set of plugins."""

    runtime: Runtime

    @property
    def database(self) -> Engine:
        return self.runtime.database

    def submit(self, url: str, **options: Any) -> int:
        with session(self.database) as opened:
            return submit(
                opened,
                self.runtime.settings,
                resolve(self.runtime.registry, url),
                JobOptions(**options),
            ).job_id

    def run(self, job_id: int, switch: StopSwitch | None = None) -> JobOutcome:
        # A housekeeper beside it may hold the job's row for a moment.
        return run_job(self.runtime, eventually(lambda: self._claim(job_id)), switch)

    def _claim(self, job_id: int) -> lifecycle.Claim | None:
        with session(self.database) as opened:
            return lifecycle.claim(opened, job_id, lease=self.runtime.settings.lease)

    def ingest(self, url: str, **options: Any) -> views.JobView:
        """Submit and run; the job as it stands then."""
        job_id = self.submit(url, **options)
        self.run(job_id)
        return self.job(job_id)

    def job(self, job_id: int) -> views.JobView:
        with session(self.database) as opened:
            return views.get_job(opened, job_id)

    def failures(self, job_id: int) -> list[views.JobFailure]:
        with session(self.database) as opened:
            return views.list_failures(opened, job_id)

    def events(self, job_id: int) -> list[views.JobEvent]:
        with session(self.database) as opened:
            return views.list_events(opened, job_id)

    def novel_id(self, reference: str) -> int:
        with session(self.database) as opened:
            return novels.find_novel(opened, self.runtime.registry, reference)

    def novel(self, reference: str) -> novels.NovelDetails:
        with session(self.database) as opened:
            found = novels.find_novel(opened, self.runtime.registry, reference)
            return novels.describe_novel(opened, found)

    def chapters(self, reference: str) -> list[chapters.ChapterSummary]:
        with session(self.database) as opened:
            found = novels.find_novel(opened, self.runtime.registry, reference)
            return chapters.list_chapters(opened, found)

    def read(self, reference: str, number: str, version: int | None = None) -> chapters.ChapterText:
        with session(self.database) as opened:
            found = novels.find_novel(opened, self.runtime.registry, reference)
            return chapters.read_chapter(opened, found, number, version=version)

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        with session(self.database) as opened:
            return opened.execute(text(statement), values).all()

    def write(self, statement: str, **values: Any) -> None:
        with session(self.database) as opened:
            opened.execute(text(statement), values)

    def value(self, statement: str, **values: Any) -> Any:
        return self.rows(statement, **values)[0][0]

    def dump(self, *tables: str) -> str:
        """The content of tables, to compare before and after."""
        return json.dumps(
            {
                table: [
                    [str(value) for value in row]
                    for row in self.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
                ]
                for table in tables
            }
        )


#: The tables a reader sees.
LIBRARY_TABLES = (
    "novels",
    "chapters",
    "chapter_texts",
    "text_pages",
    "novel_authors",
    "novel_tags",
    "novel_warnings",
    "novel_series",
    "novel_statistics",
    "volumes",
)
