"""The server's own lines among ours, in the same format."""

from __future__ import annotations

import http
import logging

from novel_core.logs import set_up_logging
from novel_core.settings import Settings


def set_up(settings: Settings) -> None:
    """Log as the settings want it: uvicorn too, without its colours; a migration's steps only when they go wrong."""
    set_up_logging(settings.log_format, settings.log_level)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_without_colours)
    logging.getLogger("uvicorn.access").addFilter(is_wanted)


#: What is asked every few seconds, by machines, and hides all else.
_PROBES = frozenset({"/health", "/health/ready", "/metrics"})


def is_wanted(record: logging.LogRecord) -> bool:
    """Whether a line of the access log tells anything."""
    match record.args:
        case (_, _, str() as path, _, int() as status):
            return path not in _PROBES or status >= http.HTTPStatus.BAD_REQUEST
    return True


def _without_colours(record: logging.LogRecord) -> bool:
    # JSON would show it: a copy of the message for terminals.
    record.__dict__.pop("color_message", None)
    return True
