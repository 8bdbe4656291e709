"""The server's own lines among ours, in the same format."""

from __future__ import annotations

import logging

from novel_core.logs import set_up_logging
from novel_core.settings import Settings


def set_up(settings: Settings) -> None:
    """Log as the settings want it: uvicorn too, without its colours; a migration's steps only when they go wrong."""
    set_up_logging(settings.log_format)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_without_colours)


def _without_colours(record: logging.LogRecord) -> bool:
    # JSON would show it: a copy of the message for terminals.
    record.__dict__.pop("color_message", None)
    return True
