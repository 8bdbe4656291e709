"""`/add`: paste a URL, see which source supports it, and submit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from novel_api.context import AdminDep, Api, ApiDep, IngesterDep
from novel_api.web.error_texts import ErrorText, error_text
from novel_api.web.forms import Form
from novel_api.web.render import go_to, page
from novel_core import intake
from novel_core.db.engine import session
from novel_core.errors import NovelError, PluginError, SourceError, UnsupportedUrl, UsageError
from novel_core.jobs.options import JobOptions
from novel_core.library.novels import matching_novel
from novel_core.urls import MAX_LENGTH

router = APIRouter(include_in_schema=False)

Typed = Annotated[str, Query(max_length=MAX_LENGTH + 1)]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is known of a URL before any request. `slug`: the novel is already in the library.

    `may_be_site`: its site may run the software of a family; a job can find out.
    """

    source: str = ""
    kind: str = ""
    slug: str | None = None
    why: ErrorText | None = None
    may_be_site: bool = False


def recognise(api: Api, url: str) -> Recognised | None:
    """Return the source that supports the URL, or the error; None without a URL."""
    url = url.strip()
    if not url:
        return None
    try:
        target = intake.resolve(api.runtime.registry, url)
    except UnsupportedUrl as error:
        return Recognised(why=_why(error), may_be_site=_may_be_site(api, url))
    except (UsageError, PluginError) as error:
        return Recognised(why=_why(error))
    with session(api.runtime.database) as opened:
        novel_id = matching_novel(opened, target.source, target.match)
    source = api.runtime.registry.get(target.source)
    slug = str(novel_id) if novel_id is not None else None
    return Recognised(source.info.title, target.match.kind.value, slug)


def _may_be_site(api: Api, url: str) -> bool:
    """Whether a job may find out which software the site runs."""
    runtime = api.runtime
    try:
        intake.check_adoption(runtime.registry, runtime.settings, url)
    except NovelError:
        return False
    return True


def _why(error: NovelError) -> ErrorText:
    known = error_text(error.code, error.message, error.hint)
    # The error's own message says more, such as the site that was probably meant.
    return ErrorText(error.message, known.advice) if isinstance(error, UsageError) else known


@router.get("/add")
def show_form(request: Request, api: ApiDep, _caller: IngesterDep, url: Typed = "") -> Response:
    """The form to add a novel."""
    return _form_page(request, api, url)


@router.get("/add/check")
def check(request: Request, api: ApiDep, _caller: IngesterDep, url: Typed = "") -> Response:
    """The text below the URL while it is typed."""
    return page(request, "_recognised.html", known=recognise(api, url))


@router.post("/add")
def add(request: Request, api: ApiDep, _caller: IngesterDep, form: Form) -> Response:
    """Submit the URL and show the job; a wrong URL has its error beside it."""
    url = form.get("url", "").strip()
    try:
        with session(api.runtime.database) as opened:
            target = intake.resolve(api.runtime.registry, url)
            options = JobOptions(force="force" in form)
            submission = intake.submit(opened, api.runtime.settings, target, options)
    except (UsageError, PluginError):
        return _form_page(request, api, url, status=422)
    api.waker.wake()
    return go_to(f"/activity/{submission.job_id}")


@router.post("/add/site")
def look_at_site(request: Request, api: ApiDep, _caller: AdminDep, form: Form) -> Response:
    """Have a worker find out which software the URL's site runs, and show that job."""
    url = form.get("url", "").strip()
    runtime = api.runtime
    try:
        with session(runtime.database) as opened:
            submission = intake.adopt(opened, runtime.registry, runtime.settings, url)
    except (UsageError, PluginError, SourceError):
        return _form_page(request, api, url, status=422)
    api.waker.wake()
    return go_to(f"/activity/{submission.job_id}")


def _form_page(request: Request, api: Api, url: str, status: int = 200) -> Response:
    known = recognise(api, url)
    if known is None and status != 200:  # noqa: PLR2004 - OK
        known = Recognised(why=error_text("invalid_url"))
    return page(
        request,
        "add.html",
        status=status,
        url=url[:MAX_LENGTH],
        known=known,
        sources=api.runtime.registry.loaded,
    )
