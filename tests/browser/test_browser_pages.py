"""Every page as a person sees it: no error in its console, no barrier, and a picture to look at."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from showcase import TITLES

from novel_core.content.colours import PALETTE

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
GRAVE = {"serious", "critical"}
WIDTHS = {"desktop": 1280, "phone": 390}


def addresses(world: Any) -> dict[str, str]:
    """Every kind of page, by the name of its picture."""
    slug = world.bench.rows("SELECT slug FROM novels WHERE title = :title", title=TITLES[0])[0][0]
    bare = world.bench.rows("SELECT slug FROM novels WHERE cover_url IS NULL")[0][0]
    done, failed = (
        world.bench.value("SELECT max(id) FROM jobs WHERE status = :status", status=status)
        for status in ("done", "error")
    )
    return {
        "library": "/",
        "search": "/?q=rain&sort=title",
        "nothing-found": "/?q=zeppelin",
        "book": f"/book/{slug}",
        "book-bare": f"/book/{bare}",
        "chapter": f"/book/{slug}/1",
        "chapter-whole": f"/book/{slug}/1?version=2",
        "revisions": f"/book/{slug}/1/revisions",
        "add": "/add",
        "add-known": "/add?url=https://www.royalroad.com/fiction/11",
        "add-unknown": "/add?url=https://www.royalroud.com/fiction/11",
        "activity": "/activity",
        "job-done": f"/activity/{done}",
        "job-failed": f"/activity/{failed}",
        "sites": "/supported",
        "status": "/status",
        "locked-chapter": f"/book/{slug}/13",
    }


def barriers(page: Any) -> list[str]:
    """What axe calls serious or critical."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def overflow(page: Any) -> int:
    """Pixels by which the page is wider than the window."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


@pytest.mark.parametrize("theme", ["light", "sepia", "dark"])
def test_every_colour_of_a_text_can_be_read(world: Any, visit: Any, theme: str) -> None:
    page = visit().page
    page.goto(world.open + addresses(world)["chapter"])
    page.evaluate(
        """([theme, colours]) => {
          document.documentElement.dataset.theme = theme;
          const text = document.getElementById("text");
          for (const back of ["", ...colours]) for (const front of ["", ...colours]) {
            const line = document.createElement("p");
            const words = document.createElement("span");
            if (back) line.className = `bg-${back}`;
            if (front) words.className = `text-${front}`;
            words.textContent = `${front} on ${back}`;
            line.append(words);
            text.append(line);
          }
        }""",
        [theme, list(PALETTE)],
    )
    assert page.get_by_text("red on teal").count() == 1
    assert barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", WIDTHS)
def test_every_page(world: Any, visit: Any, pictures: Path, device: str, scheme: str) -> None:
    window = visit(WIDTHS[device], scheme)
    page, wrong = window.page, []
    for name, path in addresses(world).items():
        answer = page.goto(world.open + path)
        assert answer.status == (404 if name == "locked-chapter" else 200), path
        page.screenshot(
            path=pictures / f"{name}-{device}-{scheme}.png", full_page=name != "chapter"
        )
        wrong += barriers(page)
        if overflow(page):
            wrong.append(f"{path} is {overflow(page)} px too wide")
        # The browser itself tells of a status that is none of 2xx.
        window.errors[:] = [told for told in window.errors if "status of 404" not in told]
    assert wrong == []
