"""A plugin that cannot be loaded: it fails while it is imported."""

from __future__ import annotations

_MESSAGE = "the moon is full <b>tonight</b>"

raise RuntimeError(_MESSAGE)
