"""The whole way, in a real browser with a real worker: from an address to the second chapter, and the ways beside it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect
from polling import eventually
from showcase import NOWHERE, TITLES

ENOUGH = 60_000


def start_of(world: Any) -> str:
    """The address of the first novel of the showcase."""
    slug = world.bench.rows("SELECT slug FROM novels WHERE title = :title", title=TITLES[0])[0][0]
    return f"{world.open}/book/{slug}"


def test_from_an_address_to_the_second_chapter(world: Any, visit: Any, pictures: Any) -> None:
    window = visit()
    page = window.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(world.open)
    page.get_by_role("link", name="Add").click()
    page.get_by_label("Address").fill("https://www.royalroud.com/fiction/42")
    expect(page.locator("#recognised")).to_contain_text("Did you mean www.royalroad.com")
    page.get_by_label("Address").fill(world.new)
    expect(page.locator("#recognised")).to_contain_text(
        "Royal Road supports this address: a novel."
    )
    page.get_by_role("button", name="Add to the library").click()
    # Words and figures change without the page being loaded again.
    page.evaluate("window.sameDocument = true")
    expect(page.locator(".job-now")).to_contain_text(
        re.compile(r"Fetching pages\. [1-9]\d* of \d+ so far"), timeout=ENOUGH
    )
    page.screenshot(path=pictures / "job-running-desktop-light.png")
    expect(page.locator(".job-now")).to_contain_text("Done. 20 new chapters", timeout=ENOUGH)
    assert page.evaluate("window.sameDocument")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    page.get_by_role("link", name="Open the novel").click()
    expect(page.locator(".chapters li")).to_have_count(20)
    page.get_by_role("link", name="Read", exact=True).click()
    first = page.locator("h1").inner_text()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".chapter-count")).to_have_text(re.compile(r"\b2 of \d+"))
    assert page.locator("h1").inner_text() != first
    assert len(page.locator("#text").inner_text()) > 500
    assert {url.split("/")[2] for url in asked} == {world.open.split("/")[2]}


def test_cancelling_and_trying_again(world: Any, visit: Any) -> None:
    page = visit().page
    # Long enough for the worker to look up: it does so every two seconds.
    world.site.switches.latency = 1.5
    page.goto(f"{world.open}/add")
    page.get_by_label("Address").fill("https://www.royalroad.com/fiction/12")
    page.get_by_label("Download everything again").check()
    page.get_by_role("button", name="Add to the library").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".job-now")).to_contain_text("Cancelling.")
    expect(page.locator(".job-now")).to_contain_text("The job was cancelled.", timeout=ENOUGH)
    world.site.switches.latency = 0
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".job-now")).to_contain_text("Done.", timeout=ENOUGH)


def test_an_error_is_told_in_words(world: Any, visit: Any) -> None:
    page = visit().page
    page.goto(f"{world.open}/add")
    page.get_by_label("Address").fill(f"https://www.royalroad.com/fiction/{NOWHERE}1")
    page.get_by_role("button", name="Add to the library").click()
    expect(page.locator(".job-now")).to_contain_text(
        "The site has no such novel or chapter.", timeout=ENOUGH
    )
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_the_keyboard_is_enough(world: Any, visit: Any) -> None:
    page = visit().page
    page.goto(f"{start_of(world)}/1")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".chapter-count")).to_have_text(re.compile(r"\b2 of \d+"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chapter-count")).to_have_text(re.compile(r"\b1 of \d+"))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".settings summary")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".settings-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".settings-panel")).to_be_hidden()


def test_the_look_and_the_place_are_kept(world: Any, visit: Any, pictures: Any) -> None:
    page = visit(390).page
    book = start_of(world)
    page.goto(f"{book}/1")
    page.locator(".settings summary").click()
    page.get_by_text("Sepia").click()
    page.get_by_text("Wide").click()
    page.get_by_label("Size").fill("5")
    page.screenshot(path=pictures / "chapter-settings-phone-sepia.png")
    page.keyboard.press("Escape")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    before = page.evaluate("window.scrollY")
    kept = "Object.values(JSON.parse(localStorage.getItem('novel.places')))[0].block"
    # Not `wait_for_function`, which evaluates a string in the page: the policy forbids it.
    eventually(lambda: page.evaluate(kept) > 2)
    page.goto(world.open)
    assert page.evaluate("document.documentElement.dataset.theme") == "sepia"
    page.screenshot(path=pictures / "library-continue-phone-sepia.png")
    page.locator(".going-on a").first.click()
    expect(page.locator(".chapter-count")).to_have_text(re.compile(r"\b1 of \d+"))
    assert page.evaluate("document.documentElement.dataset.size") == "5"
    assert page.locator("#text").evaluate("e => getComputedStyle(e).fontSize") == "23.2px"
    assert abs(page.evaluate("window.scrollY") - before) < 5
    page.goto(book)
    expect(page.locator("#read")).to_have_text("Continue with chapter 1")


def test_the_shelf_is_searched_while_typing(world: Any, visit: Any) -> None:
    page = visit().page
    page.goto(world.open)
    page.get_by_label("Search").press_sequentially("rain")
    expect(page.locator(".count")).to_contain_text("for “rain”")
    expect(page.locator(".book-card")).to_have_count(1)
    assert page.url.endswith("q=rain&genre=&source=&status=&sort=")
    page.get_by_label("Status").select_option("completed")
    expect(page.locator(".empty")).to_contain_text("Nothing found")


def test_signing_in(world: Any, visit: Any, pictures: Any) -> None:
    window = visit(390)
    page = window.page
    page.goto(f"{world.locked}/status")
    page.screenshot(path=pictures / "sign-in-phone-light.png")
    page.get_by_label("Key").fill("novel_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("is not valid")
    page.screenshot(path=pictures / "sign-in-wrong-phone-light.png")
    page.get_by_label("Key").fill(world.secret)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Status")
    expect(page.get_by_role("link", name="Add", exact=True)).to_have_count(0)
    cookie = next(one for one in window.context.cookies() if one["name"] == "novel_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert world.secret not in str(window.context.cookies())
    page.get_by_role("button", name="Sign out").click()
    page.goto(world.locked)
    expect(page.locator("h1")).to_have_text("Sign in")
    window.errors[:] = [told for told in window.errors if "status of 403" not in told]


def test_reading_needs_no_script(world: Any, visit: Any, pictures: Any) -> None:
    page = visit(java_script_enabled=False).page
    page.goto(world.open)
    page.get_by_label("Search").fill("harbour")
    page.get_by_role("button", name="Show").click()
    page.locator(".book-card a").first.click()
    page.get_by_role("link", name="Read", exact=True).click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".chapter-count")).to_have_text(re.compile(r"\b2 of \d+"))
    expect(page.locator(".settings")).to_be_hidden()
    page.screenshot(path=pictures / "chapter-without-script-desktop-light.png")
