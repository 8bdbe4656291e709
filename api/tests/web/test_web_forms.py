"""Forms: what they do, and that nobody else can send them."""

from __future__ import annotations

import pytest
from served import Serve, Served
from toysite import ToySite
from visiting import HTML, Reply, Visitor

URL = "https://toy.example/works/1"


def jobs(api: Served) -> int:
    return int(api.bench.value("SELECT count(*) FROM jobs"))


def test_an_address_becomes_a_job(visitor: Visitor, api_with_site: Served) -> None:
    answer = visitor.send("/add", url=f"  {URL} ")
    assert answer.status_code == 303
    job = api_with_site.bench.value("SELECT id FROM jobs")
    assert answer.headers["location"] == f"/activity/{job}"
    # The same one again meets the open job.
    assert visitor.send("/add", url=URL).headers["location"] == f"/activity/{job}"
    assert jobs(api_with_site) == 1


WRONG = {
    "": "This is not a web address.",
    "toy": "“toy” is not a URL.",
    "https://elsewhere.example/1": "No source handles elsewhere.example.",
    "https://toy.exampl/works/1": "Did you mean toy.example (Toy Site)?",
    "https://toy.example/nothing": "neither a novel nor a chapter",
    "javascript:alert(1)": "http",
}


def test_a_wrong_address_is_told_beside_it(visitor: Visitor, api_with_site: Served) -> None:
    for url, words in WRONG.items():
        answer = visitor.send("/add", url=url)
        assert answer.status_code == 422, url
        (told,) = Reply(answer).find("//div[@id='recognised']")
        assert words in told.text_content(), url
    assert jobs(api_with_site) == 0


def test_what_takes_an_address_is_told_while_it_is_typed(visitor: Visitor, book: str) -> None:
    check = {"HX-Request": "true"}
    novel = visitor.client.get("/add/check", params={"url": URL}, headers=check)
    assert "<strong>Toy Site</strong> supports this address: a novel." in novel.text
    assert "in the library" in novel.text
    assert "<html" not in novel.text
    chapter = visitor.client.get("/add/check", params={"url": f"{URL}/2"}, headers=check)
    assert "a chapter; its whole novel will be downloaded" in chapter.text
    nothing = visitor.client.get("/add/check", params={"url": ""}, headers=check)
    assert nothing.text.strip() == ""


def test_cancelling_and_trying_again(visitor: Visitor, api_with_site: Served) -> None:
    job = visitor.send("/add", url=URL).headers["location"]
    assert visitor.send(f"{job}/cancel").status_code == 303
    reply = visitor.get(job)
    assert "The job was cancelled." in reply.text
    assert [form.get("action") for form in reply.find("//main//form")] == [f"{job}/retry"]
    assert visitor.send(f"{job}/retry").status_code == 303
    assert "Waiting in the queue." in visitor.get(job).text
    again = visitor.send(f"{job}/retry")
    assert again.status_code == 409
    assert "There is nothing to try again." in again.text


def test_gaps_are_told_and_can_be_filled(
    visitor: Visitor, api_with_site: Served, site: ToySite
) -> None:
    job = api_with_site.bench.ingest(URL).id
    reply = visitor.get(f"/activity/{job}")
    assert "Done, with gaps. 2 new chapters, 1 could not be fetched." in reply.text
    assert "The site has no such novel or chapter." in reply.text
    assert visitor.send(f"/activity/{job}/retry").status_code == 303
    site.works["1"].chapters[2].dead_part = None
    api_with_site.bench.run(job)
    assert "Done. 1 new chapter." in visitor.get(f"/activity/{job}").text


def test_updating_and_watching(visitor: Visitor, api_with_site: Served, book: str) -> None:
    page = visitor.get(f"/book/{book}")
    assert "Watch" in page.text
    assert visitor.send(f"/book/{book}/watch").headers["location"] == f"/book/{book}"
    page = visitor.get(f"/book/{book}")
    assert "Stop watching" in page.text
    assert "next check" in page.text
    visitor.send(f"/book/{book}/unwatch")
    assert api_with_site.bench.value("SELECT count(*) FROM watches") == 0
    answer = visitor.send(f"/book/{book}/refresh")
    assert answer.headers["location"].startswith("/activity/")
    assert "Updating" in visitor.get(f"/book/{book}").text


FORMS = ("/add", "/book/a/refresh", "/book/a/watch", "/book/a/unwatch", "/activity/1/cancel", "/activity/1/retry", "/sign-in", "/sign-out")  # fmt: skip


#: What a browser sends with a form of another page, port or site; and what sends no sign of where a form comes from.
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Referer": "http://127.0.0.1/add"},
)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_from_elsewhere_is_refused(visitor: Visitor, path: str) -> None:
    for headers in FOREIGN:
        answer = visitor.client.post(path, data={"url": URL, "key": "x"}, headers=HTML | headers)
        assert answer.status_code == 403, headers
        assert "The form was not accepted." in answer.text


def test_a_refused_form_does_nothing(visitor: Visitor, api_with_site: Served) -> None:
    for headers in FOREIGN:
        visitor.client.post("/add", data={"url": URL}, headers=HTML | headers)
    assert jobs(api_with_site) == 0


def test_a_page_that_may_use_the_api_sends_no_forms(serve: Serve) -> None:
    """What NOVEL_API_HOSTS allows is another origin to a browser all the same."""
    client = serve(api_hosts=["localhost:5173"]).client
    headers = {"Origin": "http://localhost:5173", "Sec-Fetch-Site": "same-site"}
    assert client.post("/add", data={"url": URL}, headers=HTML | headers).status_code == 403


@pytest.mark.parametrize("fetch_site", ["same-origin", "none", None])
@pytest.mark.parametrize("has_origin", [True, False])
def test_a_form_of_our_own_page_is_accepted(
    visitor: Visitor, fetch_site: str | None, has_origin: bool
) -> None:
    """Browsers send Sec-Fetch-Site to this machine and over TLS only, old ones never; Origin with every form."""
    origin = str(visitor.client.base_url).rstrip("/")
    headers = {"Origin": origin} if has_origin else {}
    headers |= {"Sec-Fetch-Site": fetch_site} if fetch_site else {}
    answer = visitor.client.post("/add", data={"url": URL}, headers=HTML | headers)
    assert answer.status_code == (303 if headers else 403)


def test_only_forms_are_read(visitor: Visitor, api_with_site: Served) -> None:
    headers = HTML | {"Sec-Fetch-Site": "same-origin"}
    answer = visitor.client.post("/add", json={"url": URL}, headers=headers)
    assert answer.status_code == 400
    many = {f"field{number}": "x" for number in range(30)} | {"url": URL}
    assert visitor.client.post("/add", data=many, headers=headers).status_code == 400
    assert jobs(api_with_site) == 0
