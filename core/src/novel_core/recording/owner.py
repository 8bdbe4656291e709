"""The source that a recording belongs to."""

from __future__ import annotations

from contextlib import suppress

from novel_core.errors import UnsupportedUrl, UsageError
from novel_core.recording.files import Recording
from novel_core.registry import LoadedSource, Registry


def source_of(recording: Recording, registry: Registry) -> LoadedSource:
    """The source or site that a recording names; UnsupportedUrl if the registry has none."""
    try:
        return registry.get(recording.source)
    except UnsupportedUrl:
        # A site by a pattern of hosts is known from its addresses only.
        with suppress(UsageError):
            registry.resolve(recording.page.requested_url)
        return registry.get(recording.source)
