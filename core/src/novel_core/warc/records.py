"""Any WARC file, record by record, with the limits and checks that hostile files need.

fastwarc does the reading: it bounds headers and checks compressed data. This module adds that a
record must be complete, that digests must be right, and that every error is UnreadableWarc.
"""

from __future__ import annotations

import hashlib
import os
from base64 import b16encode, b32encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

from fastwarc import ArchiveIterator, WarcRecord

from novel_core.errors import UnreadableWarc

#: Bytes of all headers of a record.
MAX_HEADERS = 2**20
#: Bytes that are read at once.
PIECE = 2**18
#: Digests of other algorithms cannot be checked, and are ignored.
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_URL_SAFE = str.maketrans("+/", "-_")
_COMPRESSED_WHOLE = (
    "The file is compressed as a whole: `fastwarc recompress FILE NEW` writes one that can be read."
)


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


@dataclass(slots=True)
class Record:
    """One record; its block is read once, from its start.

    `number` counts from 1, `offset` is where the record begins in the file, `length` the bytes of
    its block. `is_truncated` if its writer kept a part of the block only. `is_verified` if the
    whole block is known to match its digest.
    """

    number: int
    offset: int
    type: str
    id: str
    uri: str
    refers_to: str
    concurrent_to: str
    content_type: str
    length: int
    date: datetime | None
    is_truncated: bool
    payload_digest: str | None
    _block_digest: str | None
    _record: WarcRecord = field(repr=False)
    _hash: Hash | None = field(init=False, default=None, repr=False)
    _read: int = field(init=False, default=0, repr=False)
    is_verified: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._hash = hasher(self._block_digest)

    def read(self, size: int) -> bytes:
        """The block's next bytes, up to `size` of them; empty at its end."""
        with _readable(self.number):
            data = self._record.reader.read(size)
        self._read += len(data)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def finish(self) -> None:
        """Read to the block's end; UnreadableWarc if it is incomplete or its digest is wrong."""
        while self.read(PIECE):
            pass
        if missing := self.length - self._read:
            raise UnreadableWarc(
                f"The file ends inside record {self.number}: {missing:,} bytes are missing."
            )
        if self._hash is not None and self._block_digest is not None:
            digest, self._hash = self._hash.digest(), None
            if not is_digest(self._block_digest, digest):
                raise UnreadableWarc(f"Record {self.number} does not match its digest.")
            self.is_verified = True


def records(file: BinaryIO) -> Iterator[Record]:
    """The file's records from its present position on; each is checked before the next one."""
    size = os.fstat(file.fileno()).st_size
    iterator = ArchiveIterator(file, parse_http=False, max_header_len=MAX_HEADERS)
    number, last = 0, -1
    while True:
        number += 1
        with _readable(number):
            found = next(iterator, None)
        if found is None:
            break
        record = _record(number, found)
        # Records of one compressed member begin where the next member does.
        if not last < record.offset < size:
            raise UnreadableWarc(_COMPRESSED_WHOLE)
        last = record.offset
        yield record
        record.finish()
    if last < 0:
        raise UnreadableWarc("The file has no record.")


def record_at(file: BinaryIO, offset: int) -> Record:
    """The record that begins at `offset`; the caller calls its `finish`."""
    file.seek(offset)
    return next(records(file))


def _record(number: int, found: WarcRecord) -> Record:
    def value(name: str) -> str:
        return (found.headers.get(name) or "").strip()

    length = value("Content-Length")
    # fastwarc takes a length that it cannot read as 0.
    if not length.isdecimal() or int(length) != found.content_length:
        raise UnreadableWarc(f"Record {number} has no valid Content-Length.")
    return Record(
        number=number,
        offset=found.stream_pos,
        type=value("WARC-Type").lower(),
        id=value("WARC-Record-ID"),
        uri=value("WARC-Target-URI"),
        refers_to=value("WARC-Refers-To"),
        concurrent_to=value("WARC-Concurrent-To"),
        content_type=value("Content-Type").partition(";")[0].strip().lower(),
        length=found.content_length,
        date=_date(value("WARC-Date")),
        is_truncated=bool(value("WARC-Truncated")),
        payload_digest=value("WARC-Payload-Digest") or None,
        _block_digest=value("WARC-Block-Digest") or None,
        _record=found,
    )


def _date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _readable(number: int) -> Iterator[None]:
    """Errors of fastwarc as UnreadableWarc; an OSError with a number is the file system's."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableWarc(f"Record {number} cannot be read: {error}") from error


def hasher(labelled: str | None) -> Hash | None:
    """A hash to compare with a labelled digest; None if there is none, or it cannot be checked."""
    name = (labelled or "").partition(":")[0].lower().replace("-", "")
    return hashlib.new(name, usedforsecurity=False) if name in _ALGORITHMS else None


def is_digest(labelled: str, digest: bytes) -> bool:
    """Whether the label's value is this digest, in hexadecimal, base 32 or base 64.

    >>> is_digest("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", hashlib.sha1(b"").digest())
    True
    """
    value = labelled.partition(":")[2].strip().rstrip("=")
    hexadecimal, base32, base64 = (
        encoded(digest).decode().rstrip("=")
        for encoded in (b16encode, b32encode, urlsafe_b64encode)
    )
    return value.upper() in (hexadecimal, base32) or value.translate(_URL_SAFE) == base64
