# The names of `novel_core.webhooks`, each with its home: read by type checkers, and by `__init__.py`.

from .delivering import deliver_due as deliver_due
from .subscribing import (
    subscribe as subscribe,
    subscribe_again as subscribe_again,
    subscribe_default as subscribe_default,
)
