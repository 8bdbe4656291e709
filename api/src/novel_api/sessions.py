"""Being signed in: a token in a cookie, derived from the API key, which is forgotten once it is made.

The token names the key and the day it ends, and is sealed with a secret of this installation that the database does not hold. So it
needs no table, who reads the database can make none, and it is worthless where the key is revoked. It opens the pages, and lets a
browser read (not change) what the JSON API has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Engine, select
from starlette.requests import Request
from starlette.responses import Response

from novel_api.keys import FRESH, Caller, owner_of
from novel_api.rows import ApiKeyRow
from novel_core.atomic_write import new_file
from novel_core.db.engine import session
from novel_core.errors import FileTaken, FileUnusable
from novel_core.settings import Settings

logger = logging.getLogger(__name__)

COOKIE = "novel_session"
#: In the data folder, for its owner only.
_FILE = "session-secret"
#: Seconds until a person signs in again.
LIFETIME = 30 * 86_400
#: Tokens remembered at once.
_REMEMBERED = 1024
_MAX_ID = 2**63 - 1


def session_secret(settings: Settings) -> bytes:
    """The installation's own: the setting, or a file of the data folder that is made when it is needed first.

    Where that folder cannot be written, the secret is new each time: everybody signs in again after a restart.
    """
    if settings.api_session_secret is not None:
        return settings.api_session_secret.get_secret_value().encode()
    path = settings.data_dir / _FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileTaken), new_file(path, private=True) as file:
            file.write(secrets.token_urlsafe(32).encode())
        found = path.read_bytes().strip()
    except (OSError, FileUnusable) as error:
        logger.warning("sessions end with this process; set NOVEL_API_SESSION_SECRET: %s", error)
        found = b""
    return found or secrets.token_urlsafe(32).encode()


def seal(secret: bytes, key_id: int, digest: str, ends_at: int) -> str:
    """The token of a session.

    >>> seal(b"secret", 7, "d1", 1_900_000_000).split(".")[:2]
    ['7', '1900000000']
    """
    about = f"{key_id}.{ends_at}"
    mac = hmac.new(secret, f"novel session\n{about}\n{digest}".encode(), hashlib.sha256).digest()
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
        lives = 0 < claim.ends_at - time.time() <= LIFETIME
        return claim if claim.key_id <= _MAX_ID and lives else None


class SessionRing:
    """Recognises tokens, as `KeyRing` does keys; a look at the table is good for as long."""

    def __init__(self, database: Engine, secret: bytes) -> None:
        self._database = database
        self._secret = secret
        self._looks: dict[str, tuple[float, Caller | None]] = {}

    def begin(self, key_id: int, digest: str) -> str:
        """The token of a session that begins now."""
        return seal(self._secret, key_id, digest, int(time.time()) + LIFETIME)

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
            sealed = seal(self._secret, claim.key_id, digest or "", claim.ends_at)
            genuine = hmac.compare_digest(sealed.encode(), token.encode())
            caller = owner_of(opened, digest) if genuine and digest is not None else None
        if len(self._looks) >= _REMEMBERED:
            self._looks = {}
        self._looks[_name(token)] = (time.monotonic() + FRESH, caller)
        return caller


def _name(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def set_cookie(request: Request, response: Response, token: str, max_age: int = LIFETIME) -> None:
    """Put the token into a cookie that no script can read and no other site sends; `max_age` 0 deletes it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=max_age,
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def _is_https(request: Request) -> bool:
    """Whether the browser uses TLS, which a proxy in front may have ended. A false header harms its sender only."""
    headers = request.headers
    stated = (request.url.scheme, headers.get("x-forwarded-proto", ""), headers.get("origin", ""))
    return any(one.startswith("https") for one in stated)
