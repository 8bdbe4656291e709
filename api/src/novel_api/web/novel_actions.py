"""Actions of a novel's page: update it now, watch it, stop watching it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from novel_api.context import ApiDep, IngesterDep
from novel_api.ingestion import Slug
from novel_api.web.forms import Form
from novel_api.web.render import go_to
from novel_core import intake
from novel_core.db.engine import session
from novel_core.library.novels import find_novel

router = APIRouter(include_in_schema=False)


@router.post("/book/{slug}/refresh")
def refresh(slug: Slug, api: ApiDep, _caller: IngesterDep, _form: Form) -> Response:
    """Submit an update of the novel and show its job."""
    with session(api.runtime.database) as opened:
        novel_id = find_novel(opened, api.runtime.registry, slug)
        submission = intake.refresh(opened, api.runtime.registry, api.runtime.settings, novel_id)
    api.waker.wake()
    return go_to(f"/activity/{submission.job_id}")


@router.post("/book/{slug}/watch")
def watch(slug: Slug, api: ApiDep, _caller: IngesterDep, _form: Form) -> Response:
    """Watch the novel: it is updated automatically."""
    with session(api.runtime.database) as opened:
        intake.watch(opened, find_novel(opened, api.runtime.registry, slug))
    return go_to(f"/book/{slug}")


@router.post("/book/{slug}/unwatch")
def unwatch(slug: Slug, api: ApiDep, _caller: IngesterDep, _form: Form) -> Response:
    """Stop watching the novel."""
    with session(api.runtime.database) as opened:
        intake.unwatch(opened, find_novel(opened, api.runtime.registry, slug))
    return go_to(f"/book/{slug}")
