"""What a novel's page can ask for: an update now, or updates from now on."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from novel_api.context import Api, Ingester, TheApi
from novel_api.ingestion import Slug
from novel_api.web.forms import Form
from novel_api.web.render import go_to
from novel_core import watches
from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.intake import Submission, submit
from novel_core.jobs.options import JobOptions
from novel_core.library.novels import find_novel
from novel_core.webhooks import subscribe_default

router = APIRouter(include_in_schema=False)


def hand_in(opened: Session, api: Api, url: str, options: JobOptions) -> Submission:
    """Submit as `POST /ingest` does; the caller wakes the queue once that is committed."""
    settings = api.runtime.settings
    submission = submit(opened, api.runtime.registry, settings, url, options)
    subscribe_default(opened, settings, submission.job_id)
    return submission


@router.post("/book/{slug}/refresh")
def refresh(slug: Slug, api: TheApi, _caller: Ingester, _form: Form) -> Response:
    """Look for new and changed chapters, and see how it goes."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        url = opened.scalars(select(NovelRow.url).where(NovelRow.id == novel_id)).one()
        submission = hand_in(opened, api, url, watches.update_options(api.runtime.settings))
    api.waker.wake()
    return go_to(f"/activity/{submission.job_id}")


@router.post("/book/{slug}/watch")
def watch(slug: Slug, api: TheApi, _caller: Ingester, _form: Form) -> Response:
    """Keep the novel up to date from now on."""
    with session(api.runtime.database) as opened:
        watches.add(opened, find_novel(opened, api.runtime.registry, slug))
    return go_to(f"/book/{slug}")


@router.post("/book/{slug}/unwatch")
def unwatch(slug: Slug, api: TheApi, _caller: Ingester, _form: Form) -> Response:
    """Leave the novel as it is from now on."""
    with session(api.runtime.database) as opened:
        watches.remove(opened, find_novel(opened, api.runtime.registry, slug))
    return go_to(f"/book/{slug}")
