"""What a process has loaded is no longer looked at for garbage, and later cycles still are collected."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc, weakref
from novel_core.processes.garbage import freeze_loaded

class Node:
    pass

freeze_loaded()
assert gc.get_freeze_count() > 1000, gc.get_freeze_count()
node = Node()
node.itself, known = node, weakref.ref(node)
del node
kept = []
while known() is not None:
    kept.append([])
assert 1000 < len(kept) < 10_000, len(kept)
"""


def test_cycles_made_later_are_collected() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
