"""`/activity`: jobs, their progress, cancel and retry."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import AdminDep, Api, ApiDep, IngesterDep, ReaderDep
from novel_api.jobs import JobId
from novel_api.web.error_texts import error_text
from novel_api.web.formatting import percent
from novel_api.web.forms import Form
from novel_api.web.render import go_to, page
from novel_core import intake
from novel_core.db.engine import session
from novel_core.jobs.chapter_counts import gaps_in
from novel_core.jobs.views import (
    JobFilter,
    JobView,
    count_failures,
    find_jobs,
    get_job,
    is_cancel_requested,
    list_failures,
    list_warnings,
    newest_events,
)
from novel_core.states import ADOPTION, JobState

router = APIRouter(include_in_schema=False)

_PAGE_SIZE = 30
#: Items of each list on a job's page: the page of a running job is loaded again and again.
_MOST = 100
_MAX_ID = 2**63 - 1

Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]
Status = Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")]


@router.get("/activity")
def show_jobs(
    request: Request, api: ApiDep, _caller: ReaderDep, status: Status = "", before: Before = None
) -> Response:
    """The newest jobs first."""
    wanted = JobFilter(status=status or None, before=before)
    with session(api.runtime.database) as opened:
        jobs = find_jobs(opened, wanted, limit=_PAGE_SIZE + 1)
    shown = jobs[:_PAGE_SIZE]
    return page(
        request,
        "activity.html",
        jobs=[_shown(job) for job in shown],
        is_moving=any(not JobState(job.status).is_terminal for job in shown),
        chosen=status,
        statuses=[state.value for state in JobState],
        older=shown[-1].id if len(jobs) > _PAGE_SIZE else None,
        is_first=before is None,
    )


def _shown(job: JobView) -> dict[str, Any]:
    state = JobState(job.status)
    gaps = gaps_in(job.chapters)
    return {
        "job": job,
        "title": job.novel["title"] if job.novel else job.source_url,
        "percent": percent(job.pages_fetched, job.pages_expected),
        "is_open": not state.is_terminal,
        "gaps": gaps,
        "may_retry": state is JobState.ERROR or (state is JobState.DONE and gaps > 0),
        "why": error_text(job.error_code, job.error_message or "", job.error_hint or "")
        if job.error_code
        else None,
    }


def _job_values(api: Api, job_id: int) -> dict[str, Any]:
    with session(api.runtime.database) as opened:
        job = get_job(opened, job_id)
        leader = job.leader_id
        events, earlier_events = newest_events(opened, leader, limit=_MOST)
        failures = list_failures(opened, leader, limit=_MOST, newest_first=True)
        more_failures = count_failures(opened, leader) - len(failures)
        warnings = list_warnings(opened, leader, limit=_MOST)
        is_cancelled = is_cancel_requested(opened, leader)
        adoption = intake.adoption(opened, leader) if job.source == ADOPTION else None
    return _shown(job) | {
        "adoption": adoption,
        "is_cancelled": is_cancelled,
        "warnings": warnings,
        "more_warnings": job.warnings - len(warnings),
        "events": [event for event in events if event.message not in warnings],
        "earlier_events": earlier_events,
        "failures": [(one, error_text(one.code, one.message)) for one in failures],
        "more_failures": more_failures,
    }


@router.get("/activity/{job_id}")
def show_job(request: Request, job_id: JobId, api: ApiDep, _caller: ReaderDep) -> Response:
    """A job's page; while the job is open, a script follows its events and reloads a part."""
    return page(request, "job.html", **_job_values(api, job_id))


@router.get("/activity/{job_id}/part")
def show_part(request: Request, job_id: JobId, api: ApiDep, _caller: ReaderDep) -> Response:
    """The part of a job's page that changes."""
    return page(request, "_job.html", **_job_values(api, job_id))


@router.post("/activity/{job_id}/cancel")
def cancel(job_id: JobId, api: ApiDep, _caller: IngesterDep, _form: Form) -> Response:
    """Cancel the job; fetched pages are kept for a while."""
    with session(api.runtime.database) as opened:
        intake.cancel(opened, job_id)
    return go_to(f"/activity/{job_id}")


@router.post("/activity/{job_id}/hosts")
def confirm_hosts(job_id: JobId, api: ApiDep, _caller: AdminDep, _form: Form) -> Response:
    """Prove the site again, with the hosts that the job has shown."""
    runtime = api.runtime
    with session(runtime.database) as opened:
        view = intake.adoption(opened, job_id)
        hosts = (*view.wishes.hosts, *view.unconfirmed)
        wishes = view.wishes.model_copy(update={"hosts": hosts})
        url = view.job.source_url
        again = intake.adopt(opened, runtime.registry, runtime.settings, url, wishes)
    api.waker.wake()
    return go_to(f"/activity/{again.job_id}")


@router.post("/activity/{job_id}/add-site")
def add_site(job_id: JobId, api: ApiDep, _caller: AdminDep, _form: Form) -> Response:
    """Add the site that the job has proved."""
    with session(api.runtime.database) as opened:
        intake.confirm(opened, job_id)
    return go_to(f"/activity/{job_id}")


@router.post("/activity/{job_id}/retry")
def retry(job_id: JobId, api: ApiDep, _caller: IngesterDep, _form: Form) -> Response:
    """Queue the job again for what is missing."""
    with session(api.runtime.database) as opened:
        intake.retry(opened, api.runtime.settings, job_id)
    api.waker.wake()
    return go_to(f"/activity/{job_id}")
