"""Sessions: a signed-in browser has a token in a cookie, made from its API key.

The token has the key's id and the time of its end, and a seal with a secret that the database does
not hold: no table is needed, and the database is not enough to forge one. It ends with its key. It
opens the pages, and lets a browser read (not change) the JSON API.
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
#: A file of the data folder, readable only by its owner.
_FILE = "session-secret"
#: Seconds until a session ends.
LIFETIME = 30 * 86_400
#: Lookups cached at most.
_MAX_CACHED = 1024
_MAX_ID = 2**63 - 1


def session_secret(settings: Settings) -> bytes:
    """Return the secret of the installation: the setting, or a file of the data folder.

    If that folder is not writable, the secret is new in each process: sessions end with it.
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
    """Return the token of a session.

    >>> seal(b"secret", 7, "d1", 1_900_000_000).split(".")[:2]
    ['7', '1900000000']
    """
    about = f"{key_id}.{ends_at}"
    mac = hmac.new(secret, f"novel session\n{about}\n{digest}".encode(), hashlib.sha256).digest()
    return f"{about}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True)
class _Claim:
    """The unverified content of a token."""

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
    """Lookups of tokens, cached like those of `KeyRing`."""

    def __init__(self, database: Engine, secret: bytes) -> None:
        self._database = database
        self._secret = secret
        self._lookups: dict[str, tuple[float, Caller | None]] = {}

    def begin(self, key_id: int, digest: str) -> str:
        """Return the token of a new session."""
        return seal(self._secret, key_id, digest, int(time.time()) + LIFETIME)

    def cached(self, token: str) -> tuple[Caller | None] | None:
        """Return the result of a recent lookup in a tuple; None without one."""
        until, caller = self._lookups.get(_name(token), (0.0, None))
        return (caller,) if time.monotonic() < until else None

    def lookup(self, token: str) -> Caller | None:
        """Return the session's caller; None if it has ended, was revoked or is forged."""
        claim = _Claim.of(token)
        if claim is None:
            return None
        with session(self._database) as opened:
            digest = opened.scalar(select(ApiKeyRow.digest).where(ApiKeyRow.id == claim.key_id))
            sealed = seal(self._secret, claim.key_id, digest or "", claim.ends_at)
            genuine = hmac.compare_digest(sealed.encode(), token.encode())
            caller = owner_of(opened, digest) if genuine and digest is not None else None
        if len(self._lookups) >= _MAX_CACHED:
            self._lookups = {}
        self._lookups[_name(token)] = (time.monotonic() + FRESH, caller)
        return caller


def _name(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def set_cookie(request: Request, response: Response, token: str, max_age: int = LIFETIME) -> None:
    """Set the cookie: no script can read it, no other site sends it. `max_age` 0 deletes it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=max_age,
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def _is_https(request: Request) -> bool:
    """Whether the browser uses TLS, perhaps to a proxy. A false header harms its sender only."""
    headers = request.headers
    stated = (request.url.scheme, headers.get("x-forwarded-proto", ""), headers.get("origin", ""))
    return any(one.startswith("https") for one in stated)
