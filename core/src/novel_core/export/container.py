"""The ZIP file of an EPUB, made while it is being sent: the same bytes whatever it is written to."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
_REGULAR_FILE = 0o100644 << 16


class _Window(io.RawIOBase):
    """A file that forgets what was taken from it. `zipfile` goes back to an entry's header only, never further.

    It would write to a stream that cannot seek too, but with sizes after each entry, which some reading systems
    do not understand.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held = io.BytesIO()
        self._start = 0

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        return self._held.write(data)

    def tell(self) -> int:
        return self._start + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        assert whence == io.SEEK_SET
        assert offset >= self._start
        self._held.seek(offset - self._start)
        return offset

    def take(self) -> bytes:
        data = self._held.getvalue()
        self._start += len(data)
        self._held = io.BytesIO()
        return data


class Container:
    """Entries go in whole and one after the other; all bear the time the library's copy changed."""

    def __init__(self, moment: datetime) -> None:
        moment = min(max(moment.astimezone(UTC), _OLDEST), _NEWEST)
        self._time = moment.timetuple()[:6]
        self._window = _Window()
        self._zip = zipfile.ZipFile(self._window, "w")

    def add(self, name: str, data: bytes | str, *, compressed: bool = True) -> None:
        entry = zipfile.ZipInfo(name, self._time)
        entry.create_system = 3  # Unix, wherever it is made
        entry.external_attr = _REGULAR_FILE
        entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        self._zip.writestr(entry, data, compresslevel=6)

    def take(self) -> bytes:
        """What has been written since the last time."""
        return self._window.take()

    def close(self) -> None:
        self._zip.close()
