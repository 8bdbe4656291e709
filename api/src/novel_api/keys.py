"""API keys: created and shown once, kept as a digest; and a cache of lookups."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine, func, or_, select, text, update
from sqlalchemy.orm import Session

from novel_api.errors import UnknownKey
from novel_api.rows import ApiKeyRow
from novel_core.db.engine import session
from novel_core.errors import UsageError

PREFIX = "novel_"
#: Characters of a secret that are kept to identify a key in lists.
_SHOWN = len(PREFIX) + 4
#: Seconds a lookup is cached: a revoked key works no longer than that.
FRESH = 5.0
#: The same while there are no keys.
OPEN_FRESH = 1.0
#: Lookups cached at most: wrong secrets cannot fill the memory.
_MAX_CACHED = 1024
#: Seconds between two updates of a key's `last_used_at`.
_USE_NOTED_EVERY = 60
#: Advisory lock that serialises the creation of keys; an arbitrary number.
_LOCK = 7_318_002


class Scope(StrEnum):
    READ = "read"
    INGEST = "ingest"
    ADMIN = "admin"


_IMPLIED = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.INGEST: frozenset({Scope.READ, Scope.INGEST}),
    Scope.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """The sender of a request. `key_id` is 0 if no key is needed."""

    key_id: int
    name: str
    scopes: frozenset[Scope]


#: Every caller while there are no keys.
ANONYMOUS = Caller(0, "anybody", frozenset(Scope))


def create_key(
    opened: Session, name: str, scopes: Sequence[str], *, if_none: bool = False
) -> tuple[ApiKey, str] | None:
    """Create a key; return it with its secret. None if `if_none` is set and any key exists."""
    opened.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if if_none and has_keys(opened):
        return None
    same = select(ApiKeyRow.id).where(ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None))
    if opened.scalar(same) is not None:
        raise UsageError(
            f"There is a key called {name!r} already.", hint="Choose another name, or revoke it."
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    wanted = list(dict.fromkeys(scopes))
    row = ApiKeyRow(name=name, prefix=secret[:_SHOWN], digest=digest_of(secret), scopes=wanted)
    opened.add(row)
    opened.flush()
    return _seen(row), secret


def list_keys(opened: Session) -> list[ApiKey]:
    return [_seen(row) for row in opened.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id))]


def revoke_key(opened: Session, reference: str) -> ApiKey:
    """Revoke the key with this name or prefix."""
    row = opened.scalar(
        select(ApiKeyRow)
        .where(
            or_(ApiKeyRow.name == reference, ApiKeyRow.prefix == reference),
            ApiKeyRow.revoked_at.is_(None),
        )
        .order_by(ApiKeyRow.name != reference, ApiKeyRow.id)
        .limit(1)
    )
    if row is None:
        raise UnknownKey(f"There is no working key {reference!r}.")
    row.revoked_at = opened.scalars(select(func.now())).one()
    opened.flush()
    return _seen(row)


def has_keys(opened: Session) -> bool:
    """Whether any key was ever created: revoking the last one does not open the API."""
    return opened.scalar(select(ApiKeyRow.id).limit(1)) is not None


def is_still_valid(opened: Session, caller: Caller) -> bool:
    """Whether the caller's key still works; without a key: whether there are still no keys."""
    if not caller.key_id:
        return not has_keys(opened)
    works = select(ApiKeyRow.id).where(
        ApiKeyRow.id == caller.key_id, ApiKeyRow.revoked_at.is_(None)
    )
    return opened.scalar(works) is not None


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _seen(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """The result of a lookup: the owner of the secret, and whether requests need a key."""

    caller: Caller | None
    locked: bool


class KeyRing:
    """Lookups of secrets: `cached` returns a recent one, `lookup` queries the database."""

    def __init__(self, database: Engine, *, required: bool = False) -> None:
        self._database = database
        self._required = required
        self._lookups: dict[str, tuple[float, KeyLookup]] = {}

    def cached(self, secret: str | None) -> KeyLookup | None:
        until, found = self._lookups.get(_name(secret), (0.0, None))
        return found if time.monotonic() < until else None

    def lookup(self, secret: str | None) -> KeyLookup:
        with session(self._database) as opened:
            caller = owner_of(opened, digest_of(secret)) if secret else None
            locked = self._required or caller is not None or has_keys(opened)
            found = KeyLookup(caller, locked)
        if len(self._lookups) >= _MAX_CACHED:
            self._lookups = {}
        fresh = FRESH if found.locked else OPEN_FRESH
        self._lookups[_name(secret)] = (time.monotonic() + fresh, found)
        return found


def _name(secret: str | None) -> str:
    return digest_of(secret) if secret else ""


def owner_of(opened: Session, digest: str) -> Caller | None:
    row = opened.execute(
        select(ApiKeyRow.id, ApiKeyRow.name, ApiKeyRow.scopes).where(
            ApiKeyRow.digest == digest, ApiKeyRow.revoked_at.is_(None)
        )
    ).first()
    if row is None:
        return None
    long_ago = func.now() - timedelta(seconds=_USE_NOTED_EVERY)
    opened.execute(
        update(ApiKeyRow)
        .where(
            ApiKeyRow.id == row.id,
            or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < long_ago),
        )
        .values(last_used_at=func.now())
        .execution_options(synchronize_session=False)
    )
    granted = (_IMPLIED[Scope(scope)] for scope in row.scopes if scope in set(Scope))
    return Caller(row.id, row.name, frozenset().union(*granted))
