"""Which source owns a URL: an index by declared host, so that only the candidates are asked."""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

from novel_core.errors import AmbiguousUrl, InvalidSetting, PluginError, UnsupportedUrl, UsageError
from novel_core.hookspecs import Change, FinishedJob, SavedRef
from novel_core.registry.loading import load_all
from novel_core.registry.source import LoadedSource, SourceEntry, SourceState
from novel_core.source import UrlMatch
from novel_core.urls import host_of, normalize_url

if TYPE_CHECKING:
    from novel_core.items import Chapter, Novel

#: At most so many sources are listed in the hint of an error.
LISTED = 20
_SWITCH = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A URL's owner and its claim."""

    source: LoadedSource
    match: UrlMatch


class Registry:
    """The sources of one process.

    `sources` are all entries, `loaded` those that can be asked.
    """

    def __init__(self, entries: Sequence[SourceEntry], loaded: Sequence[LoadedSource]) -> None:
        self.sources = tuple(entries)
        self.loaded = tuple(loaded)
        self._by_name = {source.name: source for source in loaded}
        self._by_host: defaultdict[str, list[LoadedSource]] = defaultdict(list)
        for source in loaded:
            for domain in source.info.domains:
                self._by_host[domain].append(source)
        self._listeners = {
            hook: tuple(source for source in loaded if source.implements(hook))
            for hook in ("novel_after_save", "novel_job_finished")
        }

    @classmethod
    def load(
        cls,
        *,
        disabled: Collection[str] = (),
        strict: bool = False,
        entry_points: Iterable[EntryPoint] | None = None,
    ) -> Registry:
        """Load what is installed (or `entry_points`). With `strict`, a source that cannot be loaded is a PluginError."""
        registry = cls(*load_all(disabled, entry_points))
        broken = registry.broken
        if strict and broken:
            raise PluginError("; ".join(f"{entry.name}: {entry.error}" for entry in broken))
        return registry

    @property
    def broken(self) -> tuple[SourceEntry, ...]:
        """Sources that should have been loaded and were not."""
        fine = {SourceState.LOADED, SourceState.DISABLED}
        return tuple(entry for entry in self.sources if entry.state not in fine)

    def get(self, name: str) -> LoadedSource:
        """The loaded source of that name; a UsageError says why there is none."""
        source = self._by_name.get(name)
        if source is not None:
            return source
        for entry in self.sources:
            if entry.name == name:
                why = f": {entry.error}" if entry.error else ""
                raise UsageError(
                    f"The source {name!r} is {entry.state}{why}.",
                    hint="Run `novel sources` for the whole list.",
                )
        raise UsageError(
            f"There is no source {name!r}.", hint="Run `novel sources` for the whole list."
        )

    def resolve(self, url: str) -> Resolved:
        """The source that owns `url`, and its claim."""
        normal = normalize_url(url)
        claims: list[Resolved] = []
        faults: list[PluginError] = []
        candidates = self._by_host.get(host_of(normal), ())
        for source in candidates:
            try:
                match = source.match(normal)
            except PluginError as error:
                faults.append(error)
                continue
            if match is not None:
                claims.append(Resolved(source, match))
        if len(claims) == 1:
            return claims[0]
        if claims:
            owners = " and ".join(
                f"{claim.source.name} ({claim.source.entry.distribution})" for claim in claims
            )
            raise AmbiguousUrl(f"Two sources claim this URL: {owners}.")
        if faults:
            raise faults[0]
        raise self._unsupported(normal, candidates)

    def _unsupported(self, url: str, candidates: Sequence[LoadedSource]) -> UnsupportedUrl:
        if candidates:
            titles = " and ".join(source.info.title for source in candidates)
            return UnsupportedUrl(
                f"{titles} is supported, but this address is neither a novel nor a chapter.",
                hint="Open the novel's own page and copy its address.",
            )
        host = host_of(url)
        close = difflib.get_close_matches(host, self._by_host, n=1, cutoff=0.8)
        meant = f" Did you mean {close[0]}?" if close else ""
        return UnsupportedUrl(f"No source handles {host}.{meant}", hint=self._overview())

    def _overview(self) -> str:
        """What is there, what failed and why, what is disabled."""
        titles = [f"{source.info.title} ({source.info.homepage})" for source in self.loaded]
        more = f" and {len(titles) - LISTED} more" if len(titles) > LISTED else ""
        parts = [f"Supported: {', '.join(titles[:LISTED]) or 'nothing is installed'}{more}."]
        parts += [
            f"{entry.name} is {entry.state}: {entry.error}." for entry in self.broken[:LISTED]
        ]
        disabled = [e.name for e in self.sources if e.state is SourceState.DISABLED]
        if disabled:
            parts.append(f"Disabled: {', '.join(disabled)}.")
        return " ".join(parts)

    def has_hook(self, hook: str) -> bool:
        """Whether any plugin listens to a broadcast."""
        return bool(self._listeners.get(hook))

    def after_save(self, item: Novel | Chapter, ref: SavedRef, change: Change) -> list[PluginError]:
        """Tell every plugin of a saved item; what went wrong with some of them."""
        return self._broadcast("novel_after_save", item, ref, change)

    def job_finished(self, job: FinishedJob) -> list[PluginError]:
        """Tell every plugin that a job has ended."""
        return self._broadcast("novel_job_finished", job)

    def _broadcast(self, hook: str, *arguments: object) -> list[PluginError]:
        # Not pluggy's own broadcast: there one plugin that raises keeps the others from hearing.
        problems: list[PluginError] = []
        for source in self._listeners[hook]:
            try:
                source.ask(hook, *arguments)
            except PluginError as error:
                problems.append(error)
            except Exception as error:  # noqa: BLE001 - even the project's own errors do no harm here
                problems.append(PluginError(f"The source {source.name!r}: {hook} raised {error}."))
        return problems


def load_registry(*, strict: bool | None = None) -> Registry:
    """The registry as the environment asks for it: `NOVEL_DISABLED_SOURCES`, `NOVEL_STRICT_PLUGINS`."""
    disabled = os.environ.get("NOVEL_DISABLED_SOURCES", "")
    if strict is None:
        value = os.environ.get("NOVEL_STRICT_PLUGINS", "").strip().lower()
        if value not in _SWITCH:
            raise InvalidSetting(f"NOVEL_STRICT_PLUGINS is {value!r}; write 1 or 0.")
        strict = _SWITCH[value]
    names = frozenset(name.strip() for name in disabled.split(",") if name.strip())
    return Registry.load(disabled=names, strict=strict)
