"""`/sites` and `/adoptions`: sites of families, and the proofs that add them.

A proof is a job that a worker runs: the API requests nothing of a site.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from novel_api.conditional import KnownDep, conditional, json_response
from novel_api.context import AdminDep, ApiDep
from novel_api.errors import IdempotencyMismatch, InvalidRequest
from novel_api.gate import RequireScope
from novel_api.idempotency import IdempotencyKey, StoredResponse
from novel_api.ingestion import AcceptedResponse, accepted, accepted_responses, run_once
from novel_api.jobs import JobId
from novel_api.keys import Scope
from novel_api.openapi import error_responses, ok_response
from novel_api.paging import PAGE, Page
from novel_api.sources import SourceName
from novel_core import intake
from novel_core.adoption.report import Report, Verdict
from novel_core.db.engine import session
from novel_core.errors import (
    AddressRefused,
    InvalidUrl,
    SiteKnown,
    SiteRefused,
    UnknownJob,
    UnknownSource,
    UnsupportedUrl,
    UsageError,
)
from novel_core.intake import AdoptionView, SiteView, Wishes
from novel_core.states import JobState
from novel_core.urls import MAX_LENGTH

router = APIRouter(tags=["sites"])
_reads = [Depends(RequireScope(Scope.READ))]

_PROVING = "The site is being proved"
_OPEN = "The site is being proved already"
_MOST_HOSTS = 10
_SITE = {
    "name": "stories-example",
    "title": "Stories",
    "family": "wordpress",
    "base_url": "https://stories.example",
    "hosts": ["stories.example"],
    "added_by": "operator",
    "novels": 1,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "removed_at": None,
}
_REPORT = {
    "url": "https://stories.example/a-tale/",
    "software": "WordPress",
    "version": "6.8",
    "confidence": 0.95,
    "site": {
        "name": "stories-example",
        "family": "wordpress",
        "base_url": "https://stories.example",
        "title": "Stories",
        "language": "en",
        "time_zone": "UTC",
        "rate_group": "",
        "aliases": [],
        "options": {},
    },
    "hosts": ["stories.example"],
    "novel": {
        "title": "A Tale",
        "authors": ["A. Writer"],
        "url": "https://stories.example/a-tale/",
        "found": 143,
        "stated": 143,
        "is_whole": True,
        "locked": 0,
        "dated": 143,
    },
    "chapters": [
        {
            "title": "One",
            "url": "https://stories.example/a-tale/one/",
            "words": 2100,
            "problem": None,
        }
    ],
    "findings": [],
    "robots": "robots.txt allows all pages.",
    "requests": 5,
}
_ADOPTION = {
    "job_id": 42,
    "status": "done",
    "error_code": None,
    "error_message": None,
    "error_hint": None,
    "verdict": "proved",
    "hosts": [],
    "site": None,
    "report": _REPORT,
}

Host = Annotated[str, Field(min_length=1, max_length=253)]


class AdoptRequest(BaseModel):
    """What `POST /sites` takes; only `url` is needed."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"url": "https://stories.example/a-tale/"}]},
    )

    url: str = Field(min_length=1, max_length=MAX_LENGTH, description="URL of a novel of the site")
    family: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="the only family to ask"
    )
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="the site's title, in place of what its pages say"
    )
    language: (
        Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] | None
    ) = Field(default=None, description="the language of its novels, such as `en`")
    hosts: Annotated[list[Host], Field(max_length=_MOST_HOSTS)] = Field(
        default=[], description="further hosts that are known to belong to the site"
    )
    yes: bool = Field(
        default=False, description="add the site once it is proved, with the hosts that it shows"
    )

    @property
    def wishes(self) -> Wishes:
        return Wishes(
            family=self.family,
            title=self.title,
            language=self.language,
            hosts=tuple(self.hosts),
            yes=self.yes,
        )


class AddedSiteResponse(BaseModel):
    """A site in use. `added_by` is `package`, `wildcard` or `operator`."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    family: str
    base_url: str
    hosts: list[str]
    added_by: str
    novels: int = Field(description="how many novels the library has of it")
    created_at: datetime
    removed_at: datetime | None = Field(description="since when nothing is requested from it")


class AdoptionResponse(BaseModel):
    """A proof of a site. `report` is null until there is one."""

    job_id: int
    status: JobState
    error_code: str | None
    error_message: str | None = Field(description="why the site was not proved")
    error_hint: str | None
    verdict: Verdict | None
    hosts: list[str] = Field(description="hosts to be confirmed: submit again with them in `hosts`")
    site: str | None = Field(description="the site's name once it is added")
    report: Report | None

    @classmethod
    def of(cls, view: AdoptionView) -> AdoptionResponse:
        job, report = view.job, view.report
        return cls(
            job_id=job.id,
            status=JobState(job.status),
            error_code=job.error_code,
            error_message=job.error_message,
            error_hint=job.error_hint,
            verdict=report.verdict if report else None,
            hosts=list(view.unconfirmed),
            site=view.site,
            report=report,
        )


class SiteDetailResponse(AddedSiteResponse):
    """A site with its newest proof, if it was proved."""

    proof: AdoptionResponse | None = None


class RemovedSiteResponse(BaseModel):
    """`novels` stay in the library; `jobs` is how many open jobs end."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    novels: int
    jobs: int


class ConfirmedResponse(BaseModel):
    site: str = Field(description="the name of the added site", examples=["stories-example"])


@router.get(
    "/sites",
    summary="List the sites in use",
    dependencies=_reads,
    response_model=Page[AddedSiteResponse],
    responses=conditional(PAGE | {"items": [_SITE], "page_size": 1})
    | error_responses(InvalidRequest),
)
def list_sites(api: ApiDep, known: KnownDep) -> Response:
    """All sites of families that were used or added, removed ones too, in one page."""
    with session(api.runtime.database) as opened:
        found = [AddedSiteResponse.model_validate(one) for one in intake.sites(opened)]
    return json_response(Page.whole(found), known)


@router.post(
    "/sites",
    summary="Prove a site, to add it",
    status_code=202,
    response_model=AcceptedResponse,
    responses=accepted_responses(_PROVING)
    | error_responses(
        InvalidRequest,
        InvalidUrl,
        UnsupportedUrl,
        SiteRefused,
        SiteKnown,
        AddressRefused,
        IdempotencyMismatch,
    ),
)
def adopt_site(
    body: AdoptRequest, api: ApiDep, caller: AdminDep, key: IdempotencyKey = None
) -> Response:
    """Queue a job that finds out which software the site runs, and proves that it can be read.

    `GET /adoptions/{job_id}` has its report; `POST /adoptions/{job_id}/confirm` adds the site.
    """

    def work(opened: Session) -> StoredResponse:
        runtime = api.runtime
        submission = intake.adopt(opened, runtime.registry, runtime.settings, body.url, body.wishes)
        return accepted(submission, _PROVING, _OPEN)

    return run_once(api, caller, key, f"POST /sites\n{body.model_dump_json()}", work)


@router.get(
    "/sites/{name}",
    summary="Show a site",
    dependencies=_reads,
    response_model=SiteDetailResponse,
    responses=conditional(_SITE | {"proof": _ADOPTION})
    | error_responses(UnknownSource, InvalidRequest),
)
def get_site(name: SourceName, api: ApiDep, known: KnownDep) -> Response:
    """A site in use, with the report of its newest proof."""
    with session(api.runtime.database) as opened:
        (view,) = intake.sites(opened, name)
        proof = intake.proof_of_site(opened, name)
    return json_response(_detailed(view, proof), known)


def _detailed(view: SiteView, proof: AdoptionView | None) -> SiteDetailResponse:
    site = SiteDetailResponse.model_validate(view)
    return site.model_copy(update={"proof": AdoptionResponse.of(proof)}) if proof else site


@router.delete(
    "/sites/{name}",
    summary="Remove a site",
    responses=ok_response({"name": "stories-example", "novels": 1, "jobs": 0})
    | error_responses(UnknownSource, UsageError, InvalidRequest),
)
def delete_site(name: SourceName, api: ApiDep, _caller: AdminDep) -> RemovedSiteResponse:
    """Request nothing more from a site that was added. Its novels stay in the library."""
    with session(api.runtime.database) as opened:
        removed = intake.remove_site(opened, api.runtime.registry, name)
    return RemovedSiteResponse.model_validate(removed)


@router.get(
    "/adoptions/{job_id}",
    summary="Show the proof of a site",
    dependencies=_reads,
    response_model=AdoptionResponse,
    responses=conditional(_ADOPTION) | error_responses(UnknownJob, InvalidRequest),
)
def get_adoption(job_id: JobId, api: ApiDep, known: KnownDep) -> Response:
    """The state and the report of a job that proves a site."""
    with session(api.runtime.database) as opened:
        view = intake.adoption(opened, job_id)
    return json_response(AdoptionResponse.of(view), known)


_CONFIRMED: dict[int | str, dict[str, Any]] = ok_response({"site": "stories-example"})


@router.post(
    "/adoptions/{job_id}/confirm",
    summary="Add a proved site",
    responses=_CONFIRMED | error_responses(UnknownJob, UsageError, InvalidRequest),
)
def confirm_adoption(job_id: JobId, api: ApiDep, _caller: AdminDep) -> ConfirmedResponse:
    """Add the site that the job has proved; all machines read it within seconds."""
    with session(api.runtime.database) as opened:
        return ConfirmedResponse(site=intake.confirm(opened, job_id))
