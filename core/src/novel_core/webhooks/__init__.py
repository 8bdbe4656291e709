"""Signed messages to a URL when a job ends, retried until they are accepted.

`subscribing` adds a message, `message` and `sending` make one attempt, `delivering` makes the
attempts that are due. A row of the table `webhooks` is one message about one end of one job.

Delivery is at least once: a process that dies between the response and writing it down leaves the
message to be sent again, with the same `webhook-id`, so that a receiver can ignore it.
"""

from novel_core.webhooks.delivering import deliver_due
from novel_core.webhooks.subscribing import subscribe, subscribe_again, subscribe_default

__all__ = ["deliver_due", "subscribe", "subscribe_again", "subscribe_default"]
