"""The web page as a part of the application."""

from __future__ import annotations

from fastapi import FastAPI

from novel_api.web import (
    activity,
    adding,
    assets,
    books,
    chapters,
    following,
    refusals,
    shelf,
    signing_in,
    sites,
    status,
)


def install(app: FastAPI) -> None:
    """Its routes, and its words for errors: after all other handlers."""
    for module in (
        shelf,
        books,
        following,
        chapters,
        adding,
        activity,
        sites,
        status,
        signing_in,
        assets,
    ):
        app.include_router(module.router)
    refusals.install(app)
