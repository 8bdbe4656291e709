"""The OpenAPI description: problems with examples, API keys, and the schema of a problem."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from novel_api.errors import (
    HostRefused,
    KeyRequired,
    LocalOnly,
    OriginRefused,
    RequestRefused,
    RequestTooLarge,
    ScopeMissing,
    TooBusy,
    TooManyRequests,
)
from novel_api.gate import PUBLIC
from novel_api.problems import MEDIA_TYPE, PROBLEMS, as_problem, pause_after
from novel_core.errors import NovelError, StorageError, StorageFull

_SCHEMA = "#/components/schemas/{model}"
#: Schemas of responses that are not JSON.
TEXT = {"type": "string"}
BYTES = {"type": "string", "format": "binary"}

TAGS = [
    {
        "name": "ingestion",
        "description": "Submit a novel's URL; a worker downloads and saves it.",
    },
    {"name": "jobs", "description": "The state of submissions."},
    {"name": "library", "description": "Saved novels, to read."},
    {"name": "sources", "description": "The installed sources and families."},
    {"name": "sites", "description": "Sites of families: proved, added, removed."},
    {"name": "service", "description": "Monitoring."},
]


class FieldProblem(BaseModel):
    where: str = Field(examples=["body.url"])
    message: str = Field(examples=["Field required"])


class SupportedSource(BaseModel):
    """A supported site."""

    name: str = Field(examples=["royalroad"])
    title: str = Field(examples=["Royal Road"])
    homepage: str = Field(examples=["https://www.royalroad.com/"])
    domains: list[str] = Field(examples=[["www.royalroad.com", "royalroad.com"]])


class Problem(BaseModel):
    """An error (RFC 9457). Programs should use `code`, which is stable, not the texts."""

    type: str
    title: str
    status: int
    detail: str = Field(description="what went wrong, in one line")
    code: str
    hint: str = Field(description="what to do next; may be empty")
    instance: str = Field(description="the requested path")
    errors: list[FieldProblem] | None = Field(default=None, description="each wrong part")
    state: str | None = Field(default=None, description="why a chapter has no text")
    sources: list[SupportedSource] | None = Field(default=None, description="the supported sites")


#: Errors of every route: those of the gate, and outages.
ALWAYS: tuple[type[NovelError], ...] = (
    NovelError,
    RequestRefused,
    KeyRequired,
    ScopeMissing,
    OriginRefused,
    LocalOnly,
    RequestTooLarge,
    HostRefused,
    TooManyRequests,
    StorageError,
    StorageFull,
)


def error_responses(
    *errors: type[NovelError], public: bool = False
) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route with these errors, and those of every route."""
    always = (HostRefused, OriginRefused, RequestTooLarge, NovelError) if public else ALWAYS
    found: dict[int | str, dict[str, Any]] = {}
    for error in (*errors, *always):
        kind = PROBLEMS[error]
        status, example = kind.status, error(kind.example)
        if status not in found:
            found[status] = {
                "description": "",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": _SCHEMA.format(model="Problem")},
                        "examples": {},
                    }
                },
            }
            if pause_after(example) is not None or error in {TooManyRequests, TooBusy}:
                found[status]["headers"] = {"Retry-After": RETRY_AFTER}
        content = found[status]["content"][MEDIA_TYPE]
        content["examples"][error.code] = {"value": as_problem(example, "/", {})}
        codes = ", ".join(f"`{code}`" for code in content["examples"])
        found[status]["description"] = f"Refused: {codes}."
    return found


def operation_id(route: APIRoute) -> str:
    """Return the operation's id: the name of the route's function."""
    return route.name


def ok_response(example: object) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route with this example."""
    return {200: {"content": {"application/json": {"example": example}}}}


RETRY_AFTER = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "minimum": 1},
}
LOCATION = {"description": "The path of the job.", "schema": {"type": "string"}}
REPLAYED = {
    "description": "`true` if this is the saved response to the same Idempotency-Key.",
    "schema": {"type": "string", "enum": ["true"]},
}


def describe(app: FastAPI) -> None:
    """Replace the application's OpenAPI description by the complete one."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        tags=TAGS,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template=_SCHEMA)
    schemas |= problem.pop("$defs") | {"Problem": problem}
    components["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of `novel keys create`",
        },
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    _share_refusals(document)
    document["security"] = [{"bearer": []}, {"header": []}]
    for path, operations in document["paths"].items():
        if path in PUBLIC:
            for operation in operations.values():
                operation["security"] = []
    return document


def _share_refusals(document: dict[str, Any]) -> None:
    """Move problems and their examples to components, so that each is written once."""
    responses = document["components"].setdefault("responses", {})
    examples = document["components"].setdefault("examples", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get(MEDIA_TYPE)
                if content is None:
                    continue
                codes = list(content["examples"])
                examples |= content["examples"]
                content["examples"] = {
                    code: {"$ref": f"#/components/examples/{code}"} for code in codes
                }
                name = "_or_".join(codes)
                assert responses.setdefault(name, response) == response, name
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
