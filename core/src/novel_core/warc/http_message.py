"""The HTTP response in a response record: status, headers, and the decoded body."""

from __future__ import annotations

from dataclasses import dataclass

from novel_core.crawl.decoding import CorruptBody, decoder_for
from novel_core.errors import PageTooLarge, UnreadableWarc
from novel_core.requests import MAX_BODY
from novel_core.warc.records import PIECE, Record, hasher, is_digest

#: Bytes of a response's status line and headers.
_MAX_HEAD = 64 * 2**10
_HEAD_ENDS = (b"\r\n\r\n", b"\n\n")
_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """A response's status and headers, without cookies.

    `headers` have lower-case names; repeated ones are joined. `rest` is what was read of the body.
    """

    status: int
    headers: dict[str, str]
    rest: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def read_head(record: Record) -> ResponseHead | None:
    """Read the status and headers of a response record; None if it is not HTTP."""
    data = b""
    while len(data) < _MAX_HEAD:
        piece = record.read(PIECE)
        data += piece
        ends = [(data.find(end), len(end)) for end in _HEAD_ENDS if end in data]
        if ends or not piece:
            break
    if not data.startswith(b"HTTP/") or not ends:
        return None
    at, size = min(ends)
    first, *lines = data[:at].decode("utf-8", "replace").splitlines()
    words = first.split(None, 2)
    # Version and status.
    if len(words) < 2 or not (words[1].isascii() and words[1].isdecimal()):  # noqa: PLR2004
        return None
    return ResponseHead(int(words[1][:4]), _headers(lines), data[at + size :])


def read_request(record: Record) -> tuple[str, bytes] | None:
    """Read the method and the body of a request record; None if it is not HTTP, or too long."""
    if record.length > _MAX_HEAD + MAX_BODY:
        return None
    data = b""
    while piece := record.read(PIECE):
        data += piece
    ends = [(data.find(end), len(end)) for end in _HEAD_ENDS if end in data]
    method, _, rest = data.partition(b" ")
    if not ends or b" HTTP/" not in rest.partition(b"\n")[0] or not method.isalpha():
        return None
    at, size = min(ends)
    return method.decode("ascii", "replace").upper(), data[at + size :]


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, separator, value = line.partition(":")
        name, value = name.strip().lower(), " ".join(value.replace("\x00", "").split())
        if separator and name and name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def read_body(record: Record, head: ResponseHead, limit: int) -> bytes:
    """Read and decode the body up to the record's end; PageTooLarge over `limit` bytes."""
    if record.length > limit + _MAX_HEAD:
        raise _too_large(record, limit)
    raw = head.rest
    while piece := record.read(PIECE):
        raw += piece
    record.finish()
    plain = _unchunked(raw) if "chunked" in head.headers.get("transfer-encoding", "") else raw
    try:
        body = _decoded(plain, head.headers.get("content-encoding", ""), limit)
    except CorruptBody as error:
        raise UnreadableWarc(f"The body of record {record.number} is broken: {error}.") from error
    if body is None:
        raise _too_large(record, limit)
    _check(record, raw, plain, body)
    return body


def _check(record: Record, *forms: bytes) -> None:
    """Check the payload digest if the block has none.

    Programs differ in what they call the payload: the body as sent, without chunks, or decoded.
    """
    if record.is_verified:
        return
    for form in forms:
        digest = hasher(record.payload_digest)
        if digest is None or record.payload_digest is None:
            return
        digest.update(form)
        if is_digest(record.payload_digest, digest.digest()):
            return
    raise UnreadableWarc(f"The body of record {record.number} does not match its digest.")


def _too_large(record: Record, limit: int) -> PageTooLarge:
    return PageTooLarge(
        f"Record {record.number} is over {limit:,} bytes: {record.uri}", url=record.uri
    )


def _unchunked(data: bytes) -> bytes:
    """`data` without the chunked coding; as it is if it is not chunked, despite its header."""
    body: list[bytes] = []
    at = 0
    while True:
        line_end = data.find(b"\r\n", at, at + 64)
        size = data[at:line_end].partition(b";")[0].strip() if line_end >= 0 else b"?"
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            return data
        start, length = line_end + 2, int(size, 16)
        if not length:
            return b"".join(body)
        if data[start + length : start + length + 2] != b"\r\n":
            return data
        body.append(data[start : start + length])
        at = start + length + 2


def _decoded(data: bytes, encoding: str, limit: int) -> bytes | None:
    """The decoded body; None over the limit.

    Some browsers' archives have a decoded body with the header that says it is encoded.
    """
    magic = _MAGIC.get(encoding.strip().lower())
    if magic is not None and not data.startswith(magic):
        return data if len(data) <= limit else None
    decoder, size = decoder_for(encoding), 0
    pieces: list[bytes] = []
    for piece in decoder.feed(data):
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    decoder.finish()
    return b"".join(pieces)
