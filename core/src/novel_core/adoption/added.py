"""Adding a proved site, and what is known of adoptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from novel_core.adoption.report import Report
from novel_core.adoption.wishes import Wishes
from novel_core.db.adoptions import AdoptionRow
from novel_core.db.jobs import JobRow
from novel_core.db.sites import SiteRow, site_address
from novel_core.errors import HostsUnconfirmed, UnknownJob, UsageError
from novel_core.jobs.views import JobView, get_job
from novel_core.plugin import Site
from novel_core.sites.addresses import without_scheme
from novel_core.sites.naming import assign_name
from novel_core.sites.store import note_change
from novel_core.states import ADOPTION, JobState


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

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The hosts to confirm before the site can be proved: `Wishes.hosts` of the next try."""
        is_open = self.job.error_code == HostsUnconfirmed.code
        return self.wishes.shown if is_open else ()


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


def show_hosts(opened: Session, job_id: int, hosts: tuple[str, ...]) -> None:
    """Keep the hosts that the user has to confirm."""
    wishes = load_wishes(opened, job_id)
    save_wishes(opened, job_id, wishes.model_copy(update={"shown": hosts}))


def recent_proof(opened: Session, url: str, wishes: Wishes) -> int | None:
    """The job that has proved the site of `url` within a day, and whose site was not added.

    Only with the same wishes, but for the hosts that are confirmed.
    """
    found = opened.execute(
        select(JobRow.id, AdoptionRow.wishes)
        .join(AdoptionRow, AdoptionRow.job_id == JobRow.id)
        .where(
            JobRow.source == ADOPTION,
            JobRow.url == url,
            JobRow.status == JobState.DONE,
            JobRow.finished_at > func.now() - timedelta(days=1),
            AdoptionRow.site.is_(None),
        )
        .order_by(JobRow.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    same = Wishes.model_validate(found.wishes)
    again = wishes.model_copy(update={"yes": same.yes, "shown": same.shown, "hosts": same.hosts})
    return int(found.id) if again == same else None


def is_proved(opened: Session, site: str) -> bool:
    """Whether a proof of the site was for it."""
    found = select(AdoptionRow.job_id).where(AdoptionRow.site == site).limit(1)
    return opened.scalar(found) is not None


def mark_proved(opened: Session, job_id: int, site: str) -> None:
    """Note that the job's proof was for the site called `site`."""
    opened.execute(
        update(AdoptionRow)
        .where(AdoptionRow.job_id == job_id)
        .values(site=site, added_at=func.now())
        .execution_options(synchronize_session=False)
    )


def newest_proof(opened: Session, site: str) -> int | None:
    """The job of the newest proof of the site called `site`."""
    return opened.scalar(
        select(AdoptionRow.job_id)
        .where(AdoptionRow.site == site)
        .order_by(AdoptionRow.added_at.desc(), AdoptionRow.job_id.desc())
        .limit(1)
    )


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
    site = _as_stored(opened, report.site.site)
    name = assign_name(opened, site, "operator")
    opened.execute(
        update(SiteRow)
        .where(SiteRow.name == name)
        .values(
            base_url=site.base_url,
            hosts=list(site.hosts),
            title=site.title,
            language=site.language,
            time_zone=site.time_zone,
            rate_group=site.rate_group,
            options=dict(site.options),
            added_by="operator",
        )
    )
    mark_proved(opened, job_id, name)
    note_change(opened)
    return name


def _as_stored(opened: Session, site: Site) -> Site:
    """The site at the address it is stored under, with and without `www.`, by http and https.

    Of two processes that add it at once, the second one sees the row of the first.
    """
    bare = without_scheme(site.base_url).removeprefix("www.")
    key = f"{site.family} {bare}"
    opened.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    stored = opened.scalars(
        select(SiteRow).where(
            SiteRow.family == site.family, site_address.in_([bare, f"www.{bare}"])
        )
    ).first()
    if stored is None:
        return site
    is_secure = stored.base_url.startswith("https:")
    address = without_scheme(stored.base_url)
    base = stored.base_url if is_secure else f"{site.base_url.partition(':')[0]}://{address}"
    hosts = dict.fromkeys((*stored.hosts, *site.hosts))
    return replace(site, name=stored.name, base_url=base, aliases=tuple(hosts)[1:])
