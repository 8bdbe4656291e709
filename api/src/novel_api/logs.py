"""Logging: uvicorn's messages in the same format as ours."""

from __future__ import annotations

import http
import logging

from novel_core.logs import set_up_logging
from novel_core.settings import Settings


def set_up(settings: Settings) -> None:
    """Set up the log of the settings' format for us and uvicorn; Alembic logs warnings only."""
    set_up_logging(settings.log_format, settings.log_level)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_without_colours)
    logging.getLogger("uvicorn.access").addFilter(should_log)


#: Paths that monitoring requests every few seconds.
_PROBES = frozenset({"/health", "/health/ready", "/metrics"})


def should_log(record: logging.LogRecord) -> bool:
    """Whether to log a request: successful probes are left out."""
    match record.args:
        case (_, _, str() as path, _, int() as status):
            return path not in _PROBES or status >= http.HTTPStatus.BAD_REQUEST
    return True


def _without_colours(record: logging.LogRecord) -> bool:
    # A copy of the message for terminals, which JSON would show.
    record.__dict__.pop("color_message", None)
    return True
