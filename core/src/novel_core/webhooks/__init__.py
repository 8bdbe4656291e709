"""Telling a URL that a job has ended, signed, until it has heard.

`subscribing` owes a message, `signing` and `sending` are one attempt, `delivering` makes the attempts that are due. A row of
the table `webhooks` is one message about one end of one job.

At least once: who dies between an answer and noting it leaves the message to be sent again, with the same `webhook-id`,
by which a receiver tells what it has heard already.
"""

from novel_core.webhooks.delivering import Deliveries, deliver_due
from novel_core.webhooks.subscribing import subscribe, subscribe_again, subscribe_default

__all__ = ["Deliveries", "deliver_due", "subscribe", "subscribe_again", "subscribe_default"]
