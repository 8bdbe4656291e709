"""The ZIP file of an EPUB, written as a stream."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

_OLDEST, _NEWEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
_REGULAR_FILE = 0o100644 << 16


class _Window(io.BytesIO):
    """A file that forgets what was taken from it; `zipfile` seeks back to an entry's header only.

    `zipfile` can write to a stream that cannot seek, but then puts sizes after each entry, which
    some reading systems do not understand.
    """

    _start = 0

    def tell(self) -> int:
        return self._start + super().tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        assert whence == io.SEEK_SET
        return super().seek(offset - self._start)

    def take(self) -> bytes:
        data = self.getvalue()
        self._start += len(data)
        super().seek(0)
        self.truncate()
        return data


class Container:
    """The ZIP archive. All entries have the time of the novel's last change."""

    def __init__(self, moment: datetime) -> None:
        moment = min(max(moment.astimezone(UTC), _OLDEST), _NEWEST)
        self._time = moment.timetuple()[:6]
        self._window = _Window()
        self._zip = zipfile.ZipFile(self._window, "w")

    def add(self, name: str, data: bytes | str, *, compressed: bool = True) -> None:
        entry = zipfile.ZipInfo(name, self._time)
        # Unix, on every system.
        entry.create_system = 3
        entry.external_attr = _REGULAR_FILE
        entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        self._zip.writestr(entry, data, compresslevel=6)

    def take(self) -> bytes:
        """What has been written since the last call."""
        return self._window.take()

    def close(self) -> None:
        self._zip.close()
