"""The source that a recording belongs to."""

from __future__ import annotations

from contextlib import suppress

from novel_core.errors import UnsupportedUrl, UsageError
from novel_core.recording.files import Recording
from novel_core.registry import LoadedSource, Registry


def source_of(recording: Recording, registry: Registry) -> LoadedSource:
    """The source or site that a recording names; UnsupportedUrl if the registry has none.

    A site that nobody has listed is loaded from the recording, by its family.
    """
    site = recording.site
    family = registry.families.get(site.family) if site is not None else None
    is_listed = recording.source in registry.names()
    if site is not None and family is not None and site.name == recording.source and not is_listed:
        return family.load(site)
    try:
        return registry.get(recording.source)
    except UnsupportedUrl:
        # A site by a pattern of hosts is known from its addresses only.
        with suppress(UsageError):
            registry.resolve(recording.page.requested_url)
        return registry.get(recording.source)
