"""The description of the API is complete: examples, error_responses, keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from workbench import quick_settings, registry_of

from novel_api.app import create_app
from novel_api.paging import Page
from novel_core.db.engine import open_database
from novel_core.runtime import Runtime, Servers

Operation = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Made without asking any server."""
    database = open_database("postgresql://127.0.0.1:1/nothing")
    servers = Servers("", "redis://127.0.0.1:1")
    runtime = Runtime(quick_settings(), registry_of("toysite"), database, servers)
    return create_app(runtime).openapi()


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def resolved(document: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """What a reference of the document leads to; what is none is itself."""
    while "$ref" in told:
        part: Any = document
        for name in told["$ref"].removeprefix("#/").split("/"):
            part = part[name]
        told = part
    return told


def test_every_route_is_there(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document)} == {
        "POST /ingest",
        "POST /novels/{slug}/refresh",
        "GET /jobs",
        "GET /jobs/{job_id}",
        "GET /jobs/{job_id}/events",
        "GET /jobs/{job_id}/errors",
        "POST /jobs/{job_id}/cancel",
        "POST /jobs/{job_id}/retry",
        "GET /sites",
        "POST /sites",
        "GET /sites/{name}",
        "DELETE /sites/{name}",
        "GET /adoptions/{job_id}",
        "POST /adoptions/{job_id}/confirm",
        "GET /novels",
        "GET /novels/{slug}",
        "GET /novels/{slug}/chapters",
        "GET /novels/{slug}/chapters/{number}",
        "GET /novels/{slug}/chapters/{number}/revisions",
        "GET /novels/{slug}/cover",
        "GET /novels/{slug}/images/{image_id}",
        "GET /genres",
        "GET /genres/{slug}",
        "GET /genres/{slug}/novels",
        "GET /authors",
        "GET /feed.atom",
        "GET /novels/{slug}/feed.atom",
        "GET /novels/{slug}.epub",
        "GET /novels/{slug}.txt",
        "GET /novels/{slug}.md",
        "GET /novels/{slug}.html",
        "GET /opds",
        "GET /opds/new",
        "GET /opds/titles",
        "GET /opds/sources",
        "GET /opds/sources/{name}",
        "GET /opds/genres",
        "GET /opds/genres/{slug}",
        "GET /opds/authors",
        "GET /opds/authors/{author_id}",
        "GET /opds/search",
        "GET /opds/search.xml",
        "GET /sources",
        "GET /sources/{name}",
        "GET /health",
        "GET /health/queue",
        "GET /health/ready",
        "GET /metrics",
        "GET /version",
    }


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name


def test_every_refusal_is_a_problem_with_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        refused = {code: told for code, told in operation["responses"].items() if code >= "400"}
        assert {"403", "413", "421", "500"} <= refused.keys(), name
        if not name.startswith("GET /health"):
            assert {"400", "401", "429", "503"} <= refused.keys(), name
        for code, shared in refused.items():
            assert shared.keys() == {"$ref"}, (name, code)
            told = resolved(document, shared)
            (content,) = [told["content"]["application/problem+json"]]
            assert set(told["content"]) == {"application/problem+json"}, (name, code)
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            for named, example in content["examples"].items():
                value = resolved(document, example)["value"]
                assert (value["status"], value["code"]) == (int(code), named)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_answer_has_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for code, shared in operation["responses"].items():
            told = resolved(document, shared)
            if code == "304":
                continue
            for content in told["content"].values():
                assert content.keys() & {"example", "examples"}, (name, code)


def test_a_request_has_an_example(document: dict[str, Any]) -> None:
    content = document["paths"]["/ingest"]["post"]["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/IngestRequest"}
    assert document["components"]["schemas"]["IngestRequest"]["examples"]


def test_keys_are_described(document: dict[str, Any]) -> None:
    assert document["security"] == [{"bearer": []}, {"header": []}]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    assert document["paths"]["/health"]["get"]["security"] == []


def test_text_is_typed_as_text_and_a_schema_has_one_name(document: dict[str, Any]) -> None:
    for kind, is_binary in (("epub", True), ("txt", False), ("md", False), ("html", False)):
        content = document["paths"][f"/novels/{{slug}}.{kind}"]["get"]["responses"]["200"][
            "content"
        ]
        (told,) = content.values()
        assert ("format" in told["schema"]) is is_binary, kind
    for name, operation in operations(document):
        for code, shared in operation["responses"].items():
            for content in resolved(document, shared).get("content", {}).values():
                assert content["schema"], (name, code)
    assert {"NovelResponse", "JobNovel"} <= document["components"]["schemas"].keys()
    assert not [name for name in document["components"]["schemas"] if "__" in name]


def test_operations_are_called_what_they_do(document: dict[str, Any]) -> None:
    """A generated client has these as its functions: a verb and what it is about, each once."""
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    verbs = "list|get|browse|search|describe|download|follow|ingest|refresh|cancel|retry|adopt|confirm|delete"
    form = re.compile(rf"(?:{verbs})(?:_[a-z]+){{1,2}}")
    assert [name for name in ids if not form.fullmatch(name)] == []
    assert {"list_jobs", "get_novel", "download_epub"} <= set(ids)


def test_all_lists_have_one_envelope(document: dict[str, Any]) -> None:
    envelope = {*Page.model_fields}
    lists = set()
    for name, operation in operations(document):
        content = operation["responses"].get("200", {}).get("content", {})
        if "application/json" in content:
            schema = resolved(document, content["application/json"]["schema"])
            assert schema["type"] == "object", name
            arrays = [part for part in schema["properties"].values() if part.get("type") == "array"]
            if operation["operationId"].startswith("list_"):
                lists.add(name)
                assert schema["properties"].keys() == envelope, name
                assert len(arrays) == 1, name
    assert {"GET /jobs", "GET /genres", "GET /sources", "GET /novels"} <= lists


def test_a_refusal_is_described_once(document: dict[str, Any]) -> None:
    """Every shared part is used, and the whole is small enough to be read at once."""
    text = json.dumps(document)
    for kind in ("responses", "examples"):
        for name in document["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name
    told = [resolved(document, one) for one in document["components"]["responses"].values()]
    codes = set(
        chain.from_iterable(one["content"]["application/problem+json"]["examples"] for one in told)
    )
    assert codes == document["components"]["examples"].keys()
    assert len(text) < 170_000


def test_the_catalogue_tells_what_it_does_not_know(document: dict[str, Any]) -> None:
    for path, code in (
        ("/opds/genres/{slug}", "unknown_genre"),
        ("/opds/authors/{author_id}", "unknown_author"),
        ("/sources/{name}", "unknown_source"),
        ("/genres/{slug}", "unknown_genre"),
        ("/genres/{slug}/novels", "unknown_genre"),
    ):
        told = resolved(document, document["paths"][path]["get"]["responses"]["404"])
        assert set(told["content"]["application/problem+json"]["examples"]) == {code}, path
