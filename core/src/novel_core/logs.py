"""What the service's processes say of themselves: one line each, as text or, on request, as JSON with the job's id."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]

_FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"
#: Libraries that tell more than an operator wants to know.
_QUIET = {"scrapy": logging.WARNING, "rq.scheduler": logging.WARNING, "httpx": logging.WARNING}

_job: int | None = None


def about_job(job_id: int | None) -> None:
    """All lines of this process are about this job from now on: a work-horse runs one job only."""
    global _job  # noqa: PLW0603 - the process' own
    _job = job_id


class _JobFilter(logging.Filter):
    """Adds `job_id` to a record that has none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "job_id"):
            record.job_id = _job
        return True


def _moment(record: logging.LogRecord) -> str:
    """Local time with its distance from UTC, so that logs of several machines can be compared."""
    at = datetime.fromtimestamp(record.created, UTC).astimezone()
    return at.isoformat(timespec="milliseconds")


class _TextFormatter(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - logging's
        return _moment(record)

    def format(self, record: logging.LogRecord) -> str:
        job_id = getattr(record, "job_id", None)
        line = super().format(record)
        return f"{line} [job {job_id}]" if job_id is not None else line


def set_up_logging(style: LogFormat = "text", *, level: int = logging.INFO) -> None:
    """Log to standard error in this style, whatever was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_JobFilter())
    if style == "json":
        from pythonjsonlogger.json import JsonFormatter

        class _JsonFormatter(JsonFormatter):
            def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - logging's
                return _moment(record)

        handler.setFormatter(
            _JsonFormatter(
                "%(asctime)s %(levelname)s %(name)s %(message)s %(job_id)s",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            )
        )
    else:
        handler.setFormatter(_TextFormatter(_FIELDS))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
