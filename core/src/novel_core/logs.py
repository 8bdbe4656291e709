"""The log of the service's processes: one line per record, as text or JSON, with the job's id."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from novel_core.content.control_characters import printable

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning"]

_FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"
#: Loggers of this project, which alone follow a level below INFO.
_OWN = ("novel_core", "novel_api", "novel_worker")
#: Libraries whose INFO lines are of no use to an operator.
_QUIET = ("scrapy", "rq.scheduler", "httpx")
#: Parameters of an address whose values may be secrets.
_SECRET = re.compile(
    r"([?&;][^=&;#]*(?:token|key|sig|auth|session|pass|secret|code)[^=&;#]*=)[^&;#]*", re.IGNORECASE
)
#: Of an address longer than the first number a message shows the beginning only.
_LONG_URL, _SHOWN_URL = 300, 200
_LOGIN = re.compile(r"//[^/?#@]*@")

_job: ContextVar[int | None] = ContextVar("novel_job", default=None)


@contextmanager
def about_job(job_id: int) -> Iterator[None]:
    """Give all records of the block, in this context, the job's id."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def loggable_url(url: str) -> str:
    """The address without possible secrets: a login, and parameters named like a token or a key.

    >>> loggable_url("https://ada:pw@example.org/read?story=7&access_token=abc")
    'https://example.org/read?story=7&access_token=***'
    """
    return _SECRET.sub(r"\1***", _LOGIN.sub("//", url, count=1))


def short_url(url: str) -> str:
    """The loggable address without its end, where it is long: one with many ids.

    >>> short = short_url("https://example.org/texts?ids=" + ",".join(map(str, range(8000, 8100))))
    >>> len(short), short[-6:]
    (201, '8033,…')
    """
    shown = loggable_url(url)
    return shown if len(shown) <= _LONG_URL else f"{shown[:_SHOWN_URL]}…"


def about_page(url: str, message: str) -> str:
    """A message about a page, which names the page's address once, and in short.

    >>> about_page("https://example.org/7", "https://example.org/7 does not exist.")
    'https://example.org/7 does not exist.'
    >>> about_page("https://example.org/7", "The page has no text.")
    'https://example.org/7: The page has no text.'
    """
    short = short_url(url)
    # Not where it only begins a longer address.
    parts = re.split(re.escape(url) + r"(?![\w/?&=%#-])", message)
    return short.join(parts) if len(parts) > 1 else f"{short}: {message}"


class _JobFilter(logging.Filter):
    """Adds `job_id` to a record that has none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "job_id"):
            record.job_id = _job.get()
        return True


def _local_time(record: logging.LogRecord) -> str:
    """Local time with its distance from UTC, so that logs of several machines can be compared."""
    at = datetime.fromtimestamp(record.created, UTC).astimezone()
    return at.isoformat(timespec="milliseconds")


class _TextFormatter(logging.Formatter):
    def formatTime(  # noqa: N802 - logging's
        self,
        record: logging.LogRecord,
        datefmt: str | None = None,  # noqa: ARG002 - logging's
    ) -> str:
        return _local_time(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's
        # A message may quote a site or a caller, who must not be able to write lines of their own.
        line = printable(super().formatMessage(record)).replace("\n", "\\n")
        job_id = getattr(record, "job_id", None)
        return f"{line} [job {job_id}]" if job_id is not None else line


def set_up_logging(style: LogFormat = "text", level: LogLevel = "info") -> None:
    """Log to standard error in this style, replacing what was set up before.

    `debug` applies to the loggers of this project only, `warning` to all.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_JobFilter())
    if style == "json":
        from pythonjsonlogger.json import JsonFormatter

        class _JsonFormatter(JsonFormatter):
            def formatTime(  # noqa: N802 - logging's
                self,
                record: logging.LogRecord,
                datefmt: str | None = None,  # noqa: ARG002 - logging's
            ) -> str:
                return _local_time(record)

        handler.setFormatter(
            _JsonFormatter(
                "%(asctime)s %(levelname)s %(name)s %(message)s %(job_id)s",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            )
        )
    else:
        handler.setFormatter(_TextFormatter(_FIELDS))
    wanted = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(wanted, logging.INFO))
    for name in _OWN:
        logging.getLogger(name).setLevel(wanted)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
