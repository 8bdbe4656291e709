"""Novels that are updated automatically, the busy ones often, the quiet ones seldom.

`interval` says how often, `watchlist` adds, removes and lists them, `queue.watch_updates` submits
the updates that are due.
"""

from novel_core.watches.interval import interval_of
from novel_core.watches.watchlist import AddedWatch, WatchView, list_watches, unwatch, watch

__all__ = ["AddedWatch", "WatchView", "interval_of", "list_watches", "unwatch", "watch"]
