"""Backups: the whole library in one file, and its restore.

`saving` writes a backup from one snapshot, `restoring` restores it in one transaction (`replacing`
empties the tables first); `container` is the file, `manifest` its table of contents, `copying`
moves rows with PostgreSQL's COPY. No program is needed beside the server.
"""

from novel_core.backup.container import Progress
from novel_core.backup.manifest import Manifest
from novel_core.backup.restoring import Restored, restore_backup
from novel_core.backup.saving import write_backup

__all__ = ["Manifest", "Progress", "Restored", "restore_backup", "write_backup"]
