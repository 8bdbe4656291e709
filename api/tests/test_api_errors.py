"""The errors of HTTP: in the engine's tree, with codes, hints and words of their own for each audience."""

from __future__ import annotations

import pytest

from novel_api import errors
from novel_api.problems import PROBLEMS, kind_of
from novel_api.web.error_texts import error_text
from novel_core import errors as engine
from novel_core.errors import (
    JobError,
    NovelError,
    PluginError,
    QueueError,
    SourceError,
    StorageError,
    UsageError,
)


def classes(module: object) -> list[type[NovelError]]:
    return [
        found
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, NovelError)
    ]


OURS = [found for found in classes(errors) if found.__module__ == errors.__name__]


def test_codes_are_unique_over_both_packages() -> None:
    codes = [found.code for found in {*classes(engine), *OURS}]
    assert len(codes) == len(set(codes))


def test_the_docstring_draws_every_class() -> None:
    assert errors.__doc__ is not None
    assert [found.__name__ for found in OURS if found.__name__ not in errors.__doc__] == []


@pytest.mark.parametrize("found", [found for found in OURS if not found.__subclasses__()])
def test_every_leaf_has_a_hint(found: type[NovelError]) -> None:
    assert found.default_hint
    assert found.exit_code in {2, 5}


#: What a job may end with, beside what a request may meet.
_OF_JOBS = (SourceError, JobError, PluginError, StorageError, QueueError)
#: Errors of more than one kind: their own messages say more than a text for all of them could.
_GENERAL = {NovelError, UsageError}


def test_every_error_of_http_has_a_status() -> None:
    assert set(OURS) - set(PROBLEMS) == {errors.UnknownKey}  # of the command line only
    assert all(400 <= kind.status < 600 for kind in PROBLEMS.values())
    assert kind_of(engine.StorageFull).status == 503


def test_every_error_that_a_page_may_show_has_a_text() -> None:
    shown = {found for found in classes(engine) if issubclass(found, _OF_JOBS)} | set(PROBLEMS)
    assert len(shown) > 50
    assert [
        found for found in shown - _GENERAL if error_text(found.code, "?").headline == "?"
    ] == []


@pytest.mark.parametrize("found", [*classes(engine), *OURS], ids=lambda found: found.code)
def test_hints_are_for_their_audience(found: type[NovelError]) -> None:
    """A command's hint names no request, a response's names no command but those of the operator."""
    if found in classes(engine):
        assert "GET /" not in found.default_hint
        assert "POST /" not in found.default_hint
    if found in PROBLEMS and found not in OURS:
        assert "`novel" not in (kind_of(found).hint or found.default_hint)
