"""Adding a proved site, and what is known of adoptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.adoption.report import Report
from novel_core.adoption.wishes import Wishes
from novel_core.db.adoptions import AdoptionRow
from novel_core.db.sites import SiteRow
from novel_core.errors import UnknownJob, UsageError
from novel_core.jobs.views import JobView, get_job
from novel_core.sites.naming import assign_name


@dataclass(frozen=True, slots=True)
class AdoptionView:
    """An adoption as it is now: its job, what the user wished, the report once there is one.

    `site` is the name of the site once it is added.
    """

    job: JobView
    wishes: Wishes
    report: Report | None
    site: str | None
    added_at: datetime | None


def save_wishes(opened: Session, job_id: int, wishes: Wishes) -> None:
    """Keep what the user wishes of the job's site, in place of earlier wishes."""
    told = {"wishes": wishes.model_dump(mode="json")}
    opened.execute(
        insert(AdoptionRow)
        .values(job_id=job_id, **told)
        .on_conflict_do_update(index_elements=["job_id"], set_=told)
    )


def load_wishes(opened: Session, job_id: int) -> Wishes:
    """What the user wishes of the job's site."""
    stored = opened.scalar(select(AdoptionRow.wishes).where(AdoptionRow.job_id == job_id))
    return Wishes.model_validate(stored or {})


def load_adoption(opened: Session, job_id: int) -> AdoptionView:
    """The adoption of a job. Raise UnknownJob where there is none."""
    row = opened.get(AdoptionRow, job_id) if 0 < job_id < 2**63 else None
    if row is None:
        raise UnknownJob(f"There is no adoption {job_id}.")
    return AdoptionView(
        job=get_job(opened, job_id),
        wishes=Wishes.model_validate(row.wishes),
        report=Report.model_validate(row.report) if row.report else None,
        site=row.site,
        added_at=row.added_at,
    )


def add_site(opened: Session, job_id: int) -> str:
    """Add the site that a job has proved, and return its permanent name.

    Adding it twice changes nothing. A site that was removed is in use again. UsageError where
    nothing is proved, or the verdict is against it.
    """
    row = opened.scalar(select(AdoptionRow).where(AdoptionRow.job_id == job_id).with_for_update())
    if row is None:
        raise UnknownJob(f"There is no adoption {job_id}.")
    report = Report.model_validate(row.report) if row.report else None
    if report is None:
        raise UsageError(
            f"Job {job_id} has not proved its site.",
            hint="Wait for its end: novel job " + str(job_id),
        )
    if report.refusals:
        raise UsageError(
            f"{report.site.base_url} is refused: {' '.join(report.refusals)}",
            hint="Try the page of another novel of the site.",
        )
    site = report.site.site
    name = assign_name(opened, site, "operator")
    opened.execute(
        update(SiteRow)
        .where(SiteRow.name == name)
        .values(
            hosts=list(site.hosts),
            title=site.title,
            language=site.language,
            time_zone=site.time_zone,
            rate_group=site.rate_group,
            options=dict(site.options),
            added_by="operator",
            removed_at=None,
        )
    )
    opened.execute(
        update(AdoptionRow)
        .where(AdoptionRow.job_id == job_id)
        .values(site=name, added_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return name
