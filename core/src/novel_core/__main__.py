"""`python -m novel_core` is the `novel` command."""

from novel_core.cli import main

main()
