"""The API keeps what its description promises, whatever it is asked: generated requests, always the same ones."""

from __future__ import annotations

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance
from served import Serve, Served

from novel_core.export import Format

#: Requests for each operation: as many that fit the description as such that do not.
EXAMPLES = 12
#: The stream of an open job does not end; test_api_events.py follows some.
ENDLESS = "/jobs/{job_id}/events"
#: Which texts are addresses of novels, which ranges end before they begin, and which key came before, no schema can tell.
UNTOLD = [positive_data_acceptance]
UNTOLD_OF = {
    "/ingest",
    "/sites",
    "/novels/{slug}/refresh",
    "/jobs/{job_id}/retry",
    *(f"/novels/{{slug}}.{kind}" for kind in Format),
}

quietly = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)


@pytest.fixture
def keyed(serve: Serve) -> Served:
    """An API with some jobs and keys, so that leaving the key out is noticed."""
    api = serve(api_rate_limit=0, webhook_secret="a long random text")
    api.client.headers.update(api.key("admin"))
    for work in range(3):
        api.ingest(str(work))
    api.client.post("/jobs/1/cancel")
    return api


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_generated_requests(keyed: Served, mode: schemathesis.GenerationMode) -> None:
    key = str(keyed.client.headers["authorization"])
    config = schemathesis.Config.from_dict({"headers": {"Authorization": key}})
    url = f"{keyed.client.base_url}/openapi.json"
    schema = schemathesis.openapi.from_url(url, config=config)
    tried = 0
    with requests.Session() as http:
        for found in schema.get_all_operations():
            operation = found.ok()
            if operation.path == ENDLESS:
                continue
            if mode is schemathesis.GenerationMode.NEGATIVE and not _can_be_wrong(operation):
                continue
            try:
                _try(operation, mode, http, key)
            except hypothesis.errors.Unsatisfiable:
                continue  # a name of any characters
            tried += 1
    assert tried >= 6


def _can_be_wrong(operation: schemathesis.APIOperation) -> bool:
    """A header may hold any text: looking for a wrong one takes seconds of each operation that has nothing else."""
    return any((operation.path_parameters, operation.query, operation.body))


def _try(
    operation: schemathesis.APIOperation,
    mode: schemathesis.GenerationMode,
    http: requests.Session,
    key: str,
) -> None:
    untold = UNTOLD if operation.path in UNTOLD_OF else None

    @quietly
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if mode is schemathesis.GenerationMode.POSITIVE and case.query:
            # Neither which words are cursors.
            case.query.pop("cursor", None)
        headers = {"Authorization": key}
        case.call_and_validate(session=http, headers=headers, excluded_checks=untold)

    ask()
