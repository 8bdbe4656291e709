"""The project's commands in other packages."""

from __future__ import annotations

from novel_core.errors import UsageError

#: command -> (package, one-line help): loading them for their helps is slow.
COMPANIONS = {
    "api": ("novel-api", "Serve the HTTP API."),
    "keys": ("novel-api", "Make, list and revoke API keys."),
    "worker": ("novel-worker", "Run queued jobs."),
}


def needs_package(command: str, package: str) -> UsageError:
    """The error of a command whose package is not installed."""
    return UsageError(
        f"`novel {command}` needs the package {package}, which is not installed here.",
        hint=f"pip install {package}",
    )
