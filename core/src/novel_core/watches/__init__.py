"""Novels that are updated by themselves, the busy ones often, the quiet ones seldom, through the same queue as all jobs.

`interval` says how often, `watching` adds, removes and lists, `submitting` hands in the jobs that are due.
"""

from novel_core.watches.interval import interval_of
from novel_core.watches.submitting import submit_due, update_options
from novel_core.watches.watching import WatchView, add, list_watches, remove

__all__ = [
    "WatchView",
    "add",
    "interval_of",
    "list_watches",
    "remove",
    "submit_due",
    "update_options",
]
