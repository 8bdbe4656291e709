"""The `novel` command: thin over the engine, one module for each noun.

A command's module is imported only when the command runs: `novel --help` costs none of them. Other packages add
commands through the entry-point group `novel.commands`.
"""

from novel_core.cli.main import main

__all__ = ["main"]
