# The names of `novel_core.backup`, each with its home: read by type checkers, and by `__init__.py`.

from .container import Progress as Progress
from .manifest import Manifest as Manifest
from .restoring import Restored as Restored, restore_backup as restore_backup
from .saving import write_backup as write_backup
