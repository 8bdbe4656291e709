"""The pages as a part of the application."""

from __future__ import annotations

from fastapi import FastAPI

from novel_api.web import (
    activity,
    add,
    assets,
    chapter,
    error_pages,
    library,
    novel,
    novel_actions,
    sign_in,
    sites,
    status,
)


def install(app: FastAPI) -> None:
    """Add the pages' routes, and the pages of errors: after all other handlers of errors."""
    for module in (
        library,
        novel,
        novel_actions,
        chapter,
        add,
        activity,
        sites,
        status,
        sign_in,
        assets,
    ):
        app.include_router(module.router)
    error_pages.install(app)
