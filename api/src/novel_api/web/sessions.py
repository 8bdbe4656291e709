"""Being signed in: a token in a cookie, derived from the API key, which is forgotten once it is made.

The token names the key and the day it ends, and is sealed with the key's digest. So it needs no table, is worthless where the key
is revoked, and gives away nothing of the key. It opens the pages, and lets a browser read (not change) what the JSON API has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from sqlalchemy import Engine, select

from novel_api.keys import FRESH, Caller, owner_of
from novel_core.db.engine import session
from novel_core.db.service import ApiKeyRow

COOKIE = "novel_session"
#: Seconds until a person signs in again.
LIFETIME = 30 * 86_400
#: Tokens remembered at once.
_REMEMBERED = 1024
_MAX_ID = 2**63 - 1


def seal(key_id: int, digest: str, ends_at: int) -> str:
    """The token of a session.

    >>> seal(7, "d1", 1_900_000_000).split(".")[:2]
    ['7', '1900000000']
    """
    about = f"{key_id}.{ends_at}"
    mac = hmac.new(digest.encode(), f"novel session\n{about}".encode(), hashlib.sha256).digest()
    return f"{about}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a token says of itself."""

    key_id: int
    ends_at: int

    @classmethod
    def of(cls, token: str) -> _Claim | None:
        parts = token.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts[:2]):  # noqa: PLR2004
            return None
        if max(map(len, parts[:2])) > len(str(_MAX_ID)):
            return None
        claim = cls(int(parts[0]), int(parts[1]))
        return claim if claim.key_id <= _MAX_ID and claim.ends_at > time.time() else None


class SessionRing:
    """Recognises tokens, as `KeyRing` does keys; a look at the table is good for as long."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._looks: dict[str, tuple[float, Caller | None]] = {}

    def remembered(self, token: str) -> tuple[Caller | None] | None:
        """What the last look found, in a tuple; None when there is no fresh one."""
        until, caller = self._looks.get(_name(token), (0.0, None))
        return (caller,) if time.monotonic() < until else None

    def look(self, token: str) -> Caller | None:
        """Whose session it is; None for one that ended, was revoked with its key, or never was."""
        claim = _Claim.of(token)
        if claim is None:
            return None
        with session(self._database) as opened:
            digest = opened.scalar(select(ApiKeyRow.digest).where(ApiKeyRow.id == claim.key_id))
            sealed = seal(claim.key_id, digest, claim.ends_at) if digest is not None else ""
            genuine = hmac.compare_digest(sealed.encode(), token.encode())
            caller = owner_of(opened, digest) if genuine and digest is not None else None
        if len(self._looks) >= _REMEMBERED:
            self._looks = {}
        self._looks[_name(token)] = (time.monotonic() + FRESH, caller)
        return caller


def _name(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
