"""How many requests each family takes for 1,000 chapters: new, unchanged, three more, one edited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common import Site, library, novel

from novel_ao3_lookalike import Library, LookalikeServer, LookalikeWork, SiteSwitches
from novel_core.lookalike import LookalikeSite
from novel_wordpress_lookalike.blog import Blog, BlogSite
from novel_wordpress_lookalike.fictioneer import CLOSED_ROBOTS, FictioneerSite
from novel_wordpress_lookalike.stories import FictioneerStory
from novel_xenforo_lookalike import Forum, Forums, thread

CHAPTERS = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A family's novel at a look-alike; `is_added`: its site is added with proof first."""

    name: str
    served: LookalikeSite
    source: str
    url: str
    grow: Callable[[], object]
    edit: Callable[[], object]
    claim: str
    is_added: bool = True

    @property
    def host(self) -> str:
        return self.url.split("/")[2]


def cases() -> Iterator[Case]:
    yield fictioneer("Fictioneer by its API", "/wp-json/storygraph/v1/story/13", "", "25, 1, 2, 2")
    by_pages = "one a chapter and 2, 1, 4, 2"
    yield fictioneer("Fictioneer by pages", "/?post_type=fcn_story&p=13", CLOSED_ROBOTS, by_pages)
    yield otw()
    yield wordpress()
    yield xenforo()


def fictioneer(name: str, path: str, robots: str, claim: str) -> Case:
    story = FictioneerStory.generate(13, chapters=CHAPTERS)
    site = FictioneerSite([story])
    site.switches.robots = robots

    def edit() -> None:
        story.chapters[500].edit("<p>Told again, with other words.</p>")

    url = f"{site.origin}{path}"
    return Case(name, site, "weir-example", url, story.add_chapter, edit, claim)


def otw() -> Case:
    work = LookalikeWork.generate(7, chapters=CHAPTERS, chapter_bytes=200)
    origin = "https://superlove.sayitditto.net"
    site = LookalikeServer(Library([work]), SiteSwitches(origin=origin, is_older=True))

    def edit() -> None:
        chapter = work.chapters[500]
        chapter.paragraphs = ["<p>Told again, with other words.</p>"]
        chapter.day = chapter.day.replace(year=chapter.day.year + 30)

    name, url = "superlove-sayitditto-net", f"{origin}/works/7"
    return Case(
        "OTW Archive", site, name, url, work.add_chapter, edit, "3, 2, 5, 3", is_added=False
    )


def wordpress() -> Case:
    blog = Blog.generate(chapters=CHAPTERS)
    site = BlogSite(blog)

    def edit() -> None:
        blog.edit(blog.posts[500], "<p>Told again, with other words.</p>")

    url = f"{site.origin}/?cat=7"
    return Case(
        "WordPress by its API", site, "tidehouse-example", url, blog.add, edit, "25, 1, 2, 2"
    )


def xenforo() -> Case:
    """The list does not show an edit."""
    told = thread(7, marks=CHAPTERS)
    forum = Forum(threads={7: told})

    def edit() -> None:
        told.edit(told.marks[500].post, "Told again, with other words.")

    url = f"https://{forum.host}/threads/{told.slug}.7/"
    claim = "112, 2, 3, with --recheck"
    return Case("XenForo", Forums(forum), "forum-example", url, told.add, edit, claim)


def measured(case: Case, environment: dict[str, str]) -> list[int]:
    """The requests for pages of each step."""

    def ingest() -> int:
        case.served.clear()
        novel("ingest", case.url, environment=environment)
        return len(case.served.paths(pages_only=True))

    if case.is_added:
        novel("sites", "add", case.url, "--yes", environment=environment)
    taken = [ingest(), ingest()]
    for _ in range(3):
        case.grow()
    taken.append(ingest())
    case.edit()
    return [*taken, ingest()]


def main() -> None:
    print(f"families: requests for a novel of {CHAPTERS} chapters, robots.txt and pictures apart")
    print(f"  {'':<24}{'new':>6}{'same':>6}{'+3':>6}{'edit':>6}  of one request a chapter")
    for case in cases():
        rate = f"NOVEL_SOURCES__{case.source.upper().replace('-', '_')}__"
        with case.served, library(Site(case.served.url)) as environment:
            own = {
                "NOVEL_HOST_MAP": f"{case.host}={case.served.url}",
                "NOVEL_SOURCES__ADOPTION__REQUESTS_PER_SECOND": "0",
                f"{rate}REQUESTS_PER_SECOND": "0",
                f"{rate}CONCURRENCY": "8",
            }
            new, *others = measured(case, environment | own)
        numbers = "".join(f"{number:>6}" for number in (new, *others))
        print(f"  {case.name:<24}{numbers}  {new / CHAPTERS:.3f} (claim: {case.claim})")


if __name__ == "__main__":
    main()
