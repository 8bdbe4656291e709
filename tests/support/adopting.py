"""Machines that add sites, as a command or a worker does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boards import plugin
from chronicles import Chronicles, ChronicleSite
from sqlalchemy import Engine
from workbench import NO_LIMIT, Workbench, quick_settings

from novel_core import Family, intake
from novel_core.db.engine import session
from novel_core.registry import Registry
from novel_core.runtime import Runtime, Servers


@dataclass
class Adopting(Workbench):
    """A machine that adds sites."""

    def adopt(self, url: str, **wishes: Any) -> intake.AdoptionView:
        """Submit and run; the adoption as it stands then."""
        job_id = self.ask(url, **wishes)
        self.run(job_id)
        return self.adoption(job_id)

    def ask(self, url: str, **wishes: Any) -> int:
        registry, settings = self.runtime.registry, self.runtime.settings
        with session(self.database) as opened:
            wished = intake.Wishes(**wishes)
            return intake.adopt(opened, registry, settings, url, wished).job_id

    def adoption(self, job_id: int) -> intake.AdoptionView:
        with session(self.database) as opened:
            return intake.adoption(opened, job_id)

    def confirm(self, job_id: int) -> str:
        with session(self.database) as opened:
            return intake.confirm(opened, job_id)

    def sites(self) -> list[intake.SiteView]:
        with session(self.database) as opened:
            return intake.sites(opened)

    def remove_site(self, name: str) -> intake.RemovedSite:
        with session(self.database) as opened:
            return intake.remove_site(opened, self.runtime.registry, name)


def machine(database: Engine, site: ChronicleSite, *families: Family, **settings: Any) -> Adopting:
    """A machine of its own: a registry, a store of sites, and settings without pauses."""
    given = families or (Chronicles(),)
    registry = Registry.load(entry_points=[plugin(one.name, one) for one in given])
    names = (
        "adoption",
        "chronicle",
        "chronicle-example",
        "moved-example",
        "unsure",
        "chronicle-example-inner",
    )
    values = {
        "host_map": dict.fromkeys(site.hosts, site.url),
        "sources": dict.fromkeys(names, NO_LIMIT),
    }
    return Adopting(
        Runtime(quick_settings(**(values | settings)), registry, database, Servers("", None))
    )
