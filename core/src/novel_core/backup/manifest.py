"""A backup's table of contents: its tables, their schema, and the checksums of their rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from novel_core.errors import BackupMismatch, UnreadableBackup
from novel_core.version import __version__

#: The version of the file's layout; raised by a change that older programs cannot read.
FORMAT = 1
PRODUCT = "novel-ingestion backup"

Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


class TableEntry(BaseModel):
    """One table's rows in the text form of COPY, one line each; `bytes` and `sha256` are of that
    text.

    `next_ids` are the next numbers of its identity columns, so that no id is used twice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    columns: tuple[Name, ...]
    rows: Count
    bytes: Count
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    next_ids: dict[Name, Count]


def member_of(table: str) -> str:
    """The name of a table's part in the file."""
    return f"tables/{table}.copy.zst"


class Manifest(BaseModel):
    """The table of contents. `program` is the version of novel-core that wrote the file."""

    model_config = ConfigDict(frozen=True)

    product: str = PRODUCT
    format: int = FORMAT
    program: str = __version__
    revision: str
    created_at: datetime
    tables: tuple[TableEntry, ...]

    @property
    def bytes(self) -> int:
        return sum(entry.bytes for entry in self.tables)


class _Label(BaseModel):
    """The fields of every format, enough to say why another format cannot be read."""

    product: str
    format: int
    program: str = "another version"


def read_manifest(text: bytes) -> Manifest:
    try:
        label = _Label.model_validate_json(text)
    except ValidationError as error:
        raise UnreadableBackup(
            "The file is no backup: its manifest is not as it should be."
        ) from error
    if label.product != PRODUCT:
        raise UnreadableBackup("The file is no backup of a library.")
    if label.format != FORMAT:
        raise BackupMismatch(
            f"The backup has format {label.format}, made by novel-core {label.program}; this version reads {FORMAT}."
        )
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise UnreadableBackup(
            f"The backup's manifest is broken at {place}: {problem['msg']}."
        ) from error
    names = [entry.name for entry in manifest.tables]
    if len(names) != len(set(names)):
        raise UnreadableBackup("The backup's manifest names a table twice.")
    return manifest
