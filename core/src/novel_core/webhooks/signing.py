"""The headers of a message, by the Standard Webhooks convention (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hmac


def signed_headers(key: bytes, message_id: str, timestamp: int, body: str) -> dict[str, str]:
    """Its id, the time of the attempt, and the signature over both and the body.

    >>> signed_headers(b"key", "1", 2, "{}")["webhook-signature"]
    'v1,9iXOMau8MQvofxZwGPd/aC/ZrwvhfkmpWBMiycRwdZ0='
    """
    signed = f"{message_id}.{timestamp}.{body}".encode()
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
