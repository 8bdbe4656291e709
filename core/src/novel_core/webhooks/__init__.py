"""Signed messages to a URL when a job ends, retried until they are accepted.

`subscribing` adds a message, `message` and `sending` make one attempt, `delivering` makes the
attempts that are due. A row of the table `webhooks` is one message about one end of one job.

Delivery is at least once: a process that dies between the response and writing it down leaves the
message to be sent again, with the same `webhook-id`, so that a receiver can ignore it.

The names are in `__init__.pyi`, and each is loaded when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
