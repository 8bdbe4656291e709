"""`python -m novel_api` is `novel api`."""

from __future__ import annotations

from novel_api.cli import main

if __name__ == "__main__":  # the processes of --workers import this module too
    main()
