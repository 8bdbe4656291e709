"""Backups: the whole library in one file, and its restore.

`saving` writes a backup from one snapshot, `restoring` restores it in one transaction (`replacing`
empties the tables first); `container` is the file, `manifest` its table of contents, `copying`
moves rows with PostgreSQL's COPY. No program is needed beside the server.

The names are in `__init__.pyi`, and each is loaded when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
