"""Adding a site by the page: an unknown address, what was found out about it, one button to add it."""

from __future__ import annotations

from chronicles import NOVEL, ChronicleSite
from served import Served
from visiting import HOSTILE, Reply, Visitor


def looked_at(api: Served) -> tuple[str, Reply]:
    """The place and the page of the job that has looked at the site."""
    visitor = Visitor(api.client)
    sent = visitor.send("/add/site", url=NOVEL)
    assert sent.status_code == 303
    place = sent.headers["location"]
    assert "Waiting in the queue." in visitor.get(place).text
    api.bench.run(int(place.rsplit("/", 1)[1]))
    return place, visitor.get(place)


def test_an_unknown_site_is_looked_at_and_added(
    api_with_family: Served, chronicle: ChronicleSite
) -> None:
    chronicle.change(title=HOSTILE.replace("<", "&lt;"))
    visitor = Visitor(api_with_family.client)
    reply = visitor.get("/add", url=NOVEL)
    assert "No source handles chronicle.example." in reply.text
    (button,) = reply.find("//button[@formaction='/add/site']")
    assert button.text == "Look at this site"
    place, shown = looked_at(api_with_family)
    assert "A Chronicle runs Chronicle 3.2. 12 chapters found, 12 stated." in shown.text
    assert shown.find("//dt[.='Verdict']/following-sibling::dd[1]")[0].text == "proved"
    assert HOSTILE in shown.text
    (form,) = shown.find("//form[contains(@action, 'add-site')]")
    assert visitor.send(form.get("action")).headers["location"] == place
    assert "Download this novel" in visitor.get(place).text
    listed = visitor.get("/supported")
    assert "Sites that were added" in listed.text
    (remove,) = listed.find("//form[contains(@action, '/remove')]")
    assert visitor.send(remove.get("action")).status_code == 303
    assert not visitor.get("/supported").find("//form[contains(@action, '/remove')]")


def test_hosts_are_confirmed_on_the_page(api_with_family: Served, chronicle: ChronicleSite) -> None:
    chronicle.change(head=chronicle.content.head + "<link rel=api href='https://api.example/v1'>")
    _, reply = looked_at(api_with_family)
    visitor = Visitor(api_with_family.client)
    assert "The site is read from other hosts too." in reply.text
    (form,) = reply.find("//form[contains(@action, '/hosts')]")
    assert "api.example belongs to the site" in form.text_content()
    again = visitor.send(form.get("action")).headers["location"]
    api_with_family.bench.run(int(again.rsplit("/", 1)[1]))
    assert "chronicle.example, api.example" in visitor.get(again).text


def test_a_site_that_is_refused_says_why(api_with_family: Served, chronicle: ChronicleSite) -> None:
    chronicle.change(chapters=[], stated=143)
    _, reply = looked_at(api_with_family)
    assert "The site was not added" in reply.text
    assert not reply.find("//form[contains(@action, 'add-site')]")


def test_what_the_page_does_not_offer(api_with_family: Served) -> None:
    """Nothing is offered for a private address, nor to someone who may not add sites."""
    visitor = Visitor(api_with_family.client)
    assert not visitor.get("/add", url="https://127.0.0.1/t/1").find("//button[@formaction]")
    assert visitor.send("/add/site", url="https://127.0.0.1/t/1").status_code == 422
    secret = api_with_family.key("ingest")["Authorization"].removeprefix("Bearer ")
    other = Visitor(api_with_family.client)
    assert other.send("/sign-in", key=secret).status_code == 303
    reply = other.get("/add", url=NOVEL)
    assert not reply.find("//button[@formaction]")
    assert "the library's operator can add it" in reply.text
    assert other.send("/add/site", url=NOVEL).status_code == 403
