"""`GET /metrics`: jobs, queue and workers for Prometheus, the same from every API process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from sqlalchemy import Engine

from novel_api.stats import BUCKETS, SHOWN, Durations, Stats, collect

#: Seconds that the numbers are cached.
_FRESH = 5.0

_Family = GaugeMetricFamily | HistogramMetricFamily


class _StatsCollector(Collector):
    def __init__(self, stats: Stats) -> None:
        self._stats = stats

    def collect(self) -> Iterator[_Family]:
        stats = self._stats
        yield _labelled("novel_jobs", "Jobs by status.", ["status"], _keyed(stats.jobs))
        # Not a counter: an ended job may be queued again.
        yield _labelled(
            "novel_jobs_finished",
            "Jobs that have ended, by source, status and error code.",
            ["source", "status", "code"],
            stats.finished,
        )
        yield _durations(stats.durations)
        yield _labelled(
            "novel_job_failures",
            "Chapters and images that could not be fetched, by code.",
            ["code"],
            _keyed(stats.failures),
        )
        yield _plain(
            "novel_oldest_queued_seconds", "Age of the oldest queued job.", stats.oldest_queued
        )
        yield _plain("novel_watches_due", "Novels whose update is due.", stats.watches_due)
        yield _plain("novel_webhooks_due", "Deliveries that are due.", stats.webhooks_due)
        yield _plain("novel_queue_up", "Whether Redis answers.", stats.queue is not None)
        if stats.queue is not None:
            yield _plain("novel_queue_length", "Messages in the queue.", stats.queue)
            yield _labelled("novel_workers", "Workers by state.", ["state"], _keyed(stats.workers))
            yield _labelled(
                "novel_worker_crawls",
                "Crawls that run, by host of the worker.",
                ["host"],
                _keyed(_by_host(stats)),
            )
        yield from _groups(stats)


def _by_host(stats: Stats) -> dict[str, int]:
    running = dict.fromkeys((slot.host for slot in stats.slots), 0)
    for slot in stats.slots:
        running[slot.host] += slot.state == "busy"
    return running


def _groups(stats: Stats) -> Iterator[_Family]:
    """Numbers of the rate groups with most jobs; those of all others have an empty label."""
    shown, others = stats.groups[:SHOWN], stats.groups[SHOWN:]
    jobs: dict[tuple[str, ...], int] = {(group.name, "running"): group.running for group in shown}
    jobs |= {(group.name, "waiting"): group.waiting for group in shown}
    jobs |= {
        ("", "running"): sum(group.running for group in others),
        ("", "waiting"): sum(group.waiting for group in others),
    }
    yield _labelled(
        "novel_group_jobs", "Open jobs by rate group and state.", ["group", "state"], jobs
    )
    yield _labelled(
        "novel_group_requests",
        "Requests to a rate group within about a minute.",
        ["group"],
        {(group.name,): group.requests for group in shown if group.requests is not None},
    )
    yield _labelled(
        "novel_group_requests_allowed",
        "Requests to a rate group that its rate allows in a minute.",
        ["group"],
        {(group.name,): group.allowed for group in shown if group.allowed is not None},
    )


def _keyed(values: dict[str, int]) -> dict[tuple[str, ...], int]:
    return {(name,): value for name, value in values.items()}


def _plain(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def _labelled(
    name: str, text: str, labels: list[str], values: dict[tuple[str, ...], int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family


def _durations(values: dict[str, Durations]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(
        "novel_job_duration_seconds",
        "Time from a job's first start to its end, of jobs that are done.",
        labels=["source"],
    )
    for source, durations in sorted(values.items()):
        buckets = [
            (str(bound), float(below))
            for bound, below in zip(BUCKETS, durations.below, strict=True)
        ]
        family.add_metric(
            [source], [*buckets, ("+Inf", float(durations.count))], sum_value=durations.total
        )
    return family


class Metrics:
    """The newest numbers; one thread collects them, others wait for it."""

    def __init__(self, database: Engine, redis: Redis) -> None:
        self._database = database
        self._redis = redis
        self._lock = threading.Lock()
        self._until = 0.0
        self._stats: Stats | None = None

    def stats(self) -> Stats:
        """Return the numbers, at most five seconds old."""
        with self._lock:
            if self._stats is None or time.monotonic() >= self._until:
                self._stats = None
                self._stats = collect(self._database, self._redis)
                self._until = time.monotonic() + _FRESH
            return self._stats

    def text(self) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_StatsCollector(self.stats()))
        return generate_latest(registry)
