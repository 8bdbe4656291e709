"""The whole library in one file, and back.

`saving` writes it from one snapshot, `restoring` puts it into a database in one transaction (`replacing` makes room); `container` is the file,
`manifest` its table of contents, `copying` the rows' way through PostgreSQL's COPY. No program beside the server is needed.
"""

from novel_core.backup.manifest import Manifest
from novel_core.backup.progress import Progress
from novel_core.backup.restoring import Restored, restore_backup
from novel_core.backup.saving import write_backup

__all__ = ["Manifest", "Progress", "Restored", "restore_backup", "write_backup"]
