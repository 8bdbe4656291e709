"""Any WARC file, record by record, by the rules that hostile files make necessary.

warcio does the reading; here is what it leaves open: lines and headers have an end, a record that is not all there is an error, so is
a digest that does not hold, and whatever a broken file leads to is told as UnreadableWarc.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader

from novel_core.errors import UnreadableWarc
from novel_core.warc import digests

MAX_LINE, MAX_HEADERS = 64 * 2**10, 2**20
PIECE = 2**18


class _Reader(DecompressingBufferedReader):  # type: ignore[misc]
    """Lines of a bounded length, headers of a bounded size; damage to a compressed file is no end of it."""

    headers = 0
    decompressor: Any

    def readline(self, length: int | None = None) -> bytes:
        limit = MAX_LINE if length is None else min(length, MAX_LINE)
        line: bytes = super().readline(limit)
        self.headers += len(line)
        if len(line) >= MAX_LINE or self.headers > MAX_HEADERS:
            raise UnreadableWarc("A record's headers are absurdly long.")
        return line

    def _decompress(self, data: bytes) -> bytes:
        if self.decompressor is None or not data:
            return data
        try:
            plain: bytes = self.decompressor.decompress(data)
        except zlib.error as error:
            if self.num_block_read == 0:  # not compressed at all
                self.decompressor = None
                return data
            raise UnreadableWarc(f"The compressed file is damaged: {error}") from error
        return plain


class _Iterator(ArchiveIterator):  # type: ignore[misc]
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, no_record_parse=True)
        self.known_format = "warc"
        self.reader = _Reader(self.fh)

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        """As warcio's, which drops a line that is not blank; here it must be the next record's first."""
        size = 0
        while line := self.reader.readline():
            if line.strip():
                return line, size
            size += len(line)
        return None, size


@dataclass(slots=True)
class Record:
    """One record. `offset` is where it begins in the file, `number` counts from 1; the block is read once, from its start."""

    number: int
    offset: int
    type: str
    id: str
    uri: str
    refers_to: str
    content_type: str
    length: int
    date: datetime | None
    is_cut: bool  # its writer has kept a part of the block only
    payload_digest: str | None
    _block_digest: str | None
    _stream: Any = field(repr=False)
    _hash: digests.Hash | None = field(default=None, repr=False)
    #: Whether the whole block is known to be what its digest says.
    is_verified: bool = False

    def __post_init__(self) -> None:
        self._hash = digests.hasher(self._block_digest)

    def read(self, size: int) -> bytes:
        """The block's next bytes, `size` of them if there are as many."""
        data: bytes = self._stream.read(size)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def finish(self) -> None:
        """Read to the block's end; tell whether it is all there and what its digest promised."""
        while self.read(PIECE):
            pass
        if self._stream.limit:
            raise UnreadableWarc(
                f"The file ends in the middle of record {self.number}: {self._stream.limit:,} bytes are missing."
            )
        if self._hash is not None and self._block_digest is not None:
            digest, self._hash = self._hash.digest(), None
            if not digests.is_digest(self._block_digest, digest):
                raise UnreadableWarc(f"Record {self.number} is not what its digest says.")
            self.is_verified = True


def records(file: BinaryIO) -> Iterator[Record]:
    """The file's records in order; each is read to its end, and checked, before the next one."""
    iterator = _Iterator(file)
    number = 0
    while True:
        iterator.reader.headers = 0
        try:
            found = next(iterator, None)
        except UnreadableWarc:
            raise
        except Exception as error:  # warcio raises whatever a broken file leads it to
            raise UnreadableWarc(_said(error, number + 1)) from error
        if found is None:
            break
        number += 1
        record = _record(number, iterator.offset, found)
        yield record
        record.finish()
    if not number:
        raise UnreadableWarc("The file holds no record.")


def record_at(file: BinaryIO, offset: int) -> Record:
    """The record that begins at `offset`; the caller calls its `finish`."""
    file.seek(offset)
    return next(records(file))


def _record(number: int, offset: int, found: Any) -> Record:
    headers = found.rec_headers
    length = headers.get_header("Content-Length")
    if length is None or not str(length).strip().isdecimal():
        raise UnreadableWarc(f"Record {number} does not tell its length.")

    def value(name: str) -> str:
        return str(headers.get_header(name) or "").strip()

    return Record(
        number=number,
        offset=offset,
        type=value("WARC-Type").lower(),
        id=value("WARC-Record-ID"),
        uri=value("WARC-Target-URI"),
        refers_to=value("WARC-Refers-To"),
        content_type=value("Content-Type").partition(";")[0].strip().lower(),
        length=int(length),
        date=_date(value("WARC-Date")),
        is_cut=bool(value("WARC-Truncated")),
        payload_digest=value("WARC-Payload-Digest") or None,
        _block_digest=value("WARC-Block-Digest") or None,
        _stream=found.raw_stream,
    )


def _date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(error: Exception, number: int) -> str:
    if "non-chunked gzip" in str(error):
        return "The file is compressed as a whole: `warcio recompress FILE NEW` makes one that can be read."
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return f"Record {number} is no WARC record: {reason}"
