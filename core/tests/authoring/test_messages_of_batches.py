"""Messages about a page of several chapters: its address once, the chapters in one line."""

from __future__ import annotations

from pathlib import Path

import apisite
import pytest
from apisite import ApiSite
from commands import Novel

from novel_core.lookalike import ThreadedServer

IDS = [f"{number}-{'x' * 150}" for number in (11, 12)]


@pytest.mark.parametrize("texts", ["none", "one", "empty"])
def test_a_message_names_the_page_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, texts: str
) -> None:
    novel = Novel(monkeypatch, capsys)
    novel.set("NOVEL_DATA_DIR", str(tmp_path / "data"))
    site = ApiSite([{"id": id_, "name": "Part", "html": "<p>x</p>"} for id_ in IDS])
    if texts == "none":
        for row in site.rows:
            del row["html"]
    else:
        site.rows[1]["html"] = "" if texts == "empty" else None
    with ThreadedServer(site.app) as served:
        novel.set("NOVEL_HOST_MAP", f"{apisite.HOST}={served.url}")
        novel.set("NOVEL_SOURCES__APISITE__REQUESTS_PER_SECOND", "0")
        ran = novel("try", "apisite", f"{apisite.ROOT}/work/1")
    lines = [line for line in ran.err.splitlines() if "/api/texts" in line]
    assert len(lines) >= 1, ran.err
    for line in lines:
        assert line.count("https://") == 1
        assert "…" in line  # the address is longer than anybody reads
        assert ".." not in line
    [missing] = [line for line in lines if line.startswith("could not be fetched: ")]
    wanted = IDS if texts == "none" else IDS[1:]
    assert all(id_ in missing for id_ in wanted)
