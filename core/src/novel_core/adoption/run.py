"""A job that proves a site: recognised within two requests, proved within six more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from novel_core.adoption.added import add_site, load_wishes
from novel_core.adoption.any_page import AnyPage
from novel_core.adoption.findings import findings_of, stated_chapters
from novel_core.adoption.pages import SitePages, robots_in_words
from novel_core.adoption.places import check_address, check_place, foreign_hosts, twin_of
from novel_core.adoption.proof import REQUESTS, Proof, Reading, host_of
from novel_core.adoption.recognition import (
    Inquiry,
    Recognised,
    families_asked,
    not_recognised,
    surest,
    with_twin,
)
from novel_core.adoption.recordings import record, save_proof
from novel_core.adoption.report import NovelFacts, ReadChapter, Report, SiteFacts
from novel_core.adoption.wishes import Wishes
from novel_core.crawl.allowance import Allowance
from novel_core.crawl.delegate import CrawlCounts
from novel_core.crawl.pacing import Pacer
from novel_core.crawl.politeness import make_pacer
from novel_core.db.engine import session
from novel_core.errors import (
    HostsUnconfirmed,
    LeaseLost,
    ProofFailed,
    RedirectRefused,
    StorageError,
    UnsupportedUrl,
)
from novel_core.items import Access
from novel_core.jobs import lifecycle
from novel_core.jobs.events import record as record_event
from novel_core.jobs.lifecycle import Claim
from novel_core.jobs.stop_switch import StopSwitch
from novel_core.page import Follow, Page
from novel_core.plugin import Site
from novel_core.processes.event_loop import run_async
from novel_core.recording import Recording
from novel_core.registry import LoadedSource
from novel_core.runtime import Runtime, set_options
from novel_core.source import PageKind, SourceInfo, UrlMatch
from novel_core.states import JobState
from novel_core.steps import with_beat
from novel_core.urls import normalize_url

#: Requests of a recognition, robots.txt not counted.
TO_RECOGNISE = 2


def adopt(runtime: Runtime, claim: Claim, switch: StopSwitch) -> None:
    """Prove the site of the job's URL, and end the job; ProofFailed where the verdict is against it.

    With the wish `yes` the site is added in the same transaction.
    """
    with session(runtime.database) as opened:
        wishes = load_wishes(opened, claim.job_id)
    adoption = Adoption(runtime, switch, claim)
    try:
        report, recordings = run_async(with_beat(adoption.run(claim.url, wishes)))
    finally:
        adoption.write_counts()
    with session(runtime.database) as opened:
        lifecycle.hold(opened, claim)
        save_proof(opened, claim.job_id, report, recordings)
        if not report.refusals:
            what = f"{report.software}: {report.verdict}"
            lifecycle.enter(opened, claim, JobState.DONE, what, run_after=None)
            if wishes.yes:
                name = add_site(opened, claim.job_id)
                record_event(opened, claim.job_id, "note", f"added as {name}")
    if report.refusals:
        raise ProofFailed(" ".join(report.refusals), url=claim.url)


class Adoption:
    """The requests of one proof, and what they have cost."""

    def __init__(self, runtime: Runtime, switch: StopSwitch, claim: Claim) -> None:
        self._runtime = runtime
        self._switch = switch
        self._claim = claim
        self._counts = CrawlCounts()
        self._pages = 0

    def write_counts(self) -> None:
        """Write what was requested so far to the job."""
        with suppress(LeaseLost, StorageError), session(self._runtime.database) as opened:
            lifecycle.progress(
                opened,
                self._claim,
                requests=self._counts.requests,
                pages=self._counts.pages,
                expected=self._counts.pages,
            )

    async def run(self, url: str, wishes: Wishes) -> tuple[Report, list[Recording]]:
        """Recognise the site of `url`, and prove it."""
        to_recognise = Allowance(TO_RECOGNISE)
        known, page = await self._recognise(url, wishes, to_recognise)
        site = _as_wished(known.site, wishes)
        site = with_twin(_at_scheme_of(site, page.url), url)
        self._check_site(site, page, wishes)
        source = known.family.load(site)
        foreign = foreign_hosts(host_of(page.url), _hosts_of(source.info))
        self._confirm(foreign, wishes, f"{site.title or site.host} is read from other hosts too")
        match = source.match(page.url) or source.match(url)
        if match is None:
            raise UnsupportedUrl(
                f"{site.host} runs {known.family.title}, but this address is neither a novel nor a"
                f" chapter: {url}",
                hint="Open a novel of the site in a browser and copy that address.",
            )
        await self._note(f"recognised: {known.family.title} {known.answer.version or ''}".strip())
        given = replace(page, kind=PageKind.INDEX)
        reading, seen, spent = await self.prove(source, match, given)
        report = report_of(url, known, source, reading, await self._robots(source))
        report = report.model_copy(update={"requests": TO_RECOGNISE - to_recognise.left + spent})
        return report, record(source, seen, match)

    async def prove(
        self, source: LoadedSource, match: UrlMatch, given: Page | None
    ) -> tuple[Reading, list[Page], int]:
        """Read a novel of the source; with the pages that were seen, and the requests."""
        allowance = Allowance(REQUESTS)
        with self._pacer(source.info) as pacer:
            pages = self._site_pages(source, pacer, allowance)
            try:
                reading = await Proof(pages, given).read(match)
            finally:
                await pacer.close()
        return reading, pages.seen, REQUESTS - allowance.left

    async def _recognise(
        self, url: str, wishes: Wishes, allowance: Allowance
    ) -> tuple[Recognised, Page]:
        registry = self._runtime.registry
        families = families_asked(registry.families.values(), wishes.family)
        inquiry = Inquiry(families, [])
        page = await self._given_page(url, wishes, allowance)
        found = inquiry.about(page)
        if not found and (further := inquiry.further(page)) and allowance.left:
            hosts = (host_of(page.url), *wishes.hosts)
            found = inquiry.about(await self._any_page(further, hosts, allowance))
        if not found:
            raise not_recognised(page, inquiry)
        return surest(found, page), page

    async def _given_page(self, url: str, wishes: Wishes, allowance: Allowance) -> Page:
        """The page at `url`, or where it redirects to: at another host only if that is confirmed."""
        registry, settings = self._runtime.registry, self._runtime.settings
        hosts = (twin_of(host_of(url)), *wishes.hosts)
        try:
            page = await self._any_page(url, hosts, allowance)
        except RedirectRefused as error:
            if error.target is None:
                raise
            target = normalize_url(error.target)
            check_place(registry, settings, target)
            foreign = foreign_hosts(host_of(url), (host_of(target),))
            self._confirm(foreign, wishes, f"{url} redirects to another host")
            page = await self._any_page(target, hosts, allowance)
        if page.url != url:
            check_place(registry, settings, page.url)
        return page

    async def _any_page(self, url: str, hosts: Sequence[str], allowance: Allowance) -> Page:
        family = next(iter(self._runtime.registry.families.values()))
        source = LoadedSource(family.plugin, AnyPage(url, tuple(hosts)))
        set_options(self._runtime.settings, source)
        with self._pacer(source.info) as pacer:
            try:
                pages = self._site_pages(source, pacer, allowance)
                return await pages.fetch(Follow(url, PageKind.INDEX))
            finally:
                await pacer.close()

    def _check_site(self, site: Site, page: Page, wishes: Wishes) -> None:
        foreign = foreign_hosts(host_of(page.url), (site.host,))
        self._confirm(foreign, wishes, f"{page.url} says that its site is {site.base_url}")
        if foreign:
            check_place(self._runtime.registry, self._runtime.settings, site.base_url)
        else:
            check_address(self._runtime.registry, self._runtime.settings, site.base_url)

    def _confirm(self, hosts: Sequence[str], wishes: Wishes, why: str) -> None:
        """Raise HostsUnconfirmed for hosts that the user has not confirmed."""
        for host in hosts:
            check_address(self._runtime.registry, self._runtime.settings, f"https://{host}/")
        missing = tuple(host for host in hosts if host not in wishes.hosts)
        if missing and not wishes.yes:
            raise HostsUnconfirmed(f"{why}: {', '.join(missing)}.", hosts=missing)

    def _site_pages(self, source: LoadedSource, pacer: Pacer, allowance: Allowance) -> SitePages:
        return SitePages(self._runtime, source, pacer, self._switch, allowance, self._counts)

    @contextmanager
    def _pacer(self, info: SourceInfo) -> Iterator[Pacer]:
        """A pacer whose first request waits for its turn after those that were sent already."""
        pacer = make_pacer(info, self._runtime.settings, self._runtime.redis_url)
        rate = info.politeness.requests_per_second
        if self._counts.requests and rate and self._runtime.redis_url is None:
            pacer.pause(info.domains[0], 1 / rate)
        yield pacer

    async def _robots(self, source: LoadedSource) -> str:
        parts = urlsplit(source.info.homepage)
        origin = f"{parts.scheme}://{parts.netloc}"
        agent = self._runtime.settings.user_agent
        return await asyncio.to_thread(robots_in_words, self._runtime.database, origin, agent)

    async def _note(self, text: str) -> None:
        def write() -> None:
            with session(self._runtime.database) as opened:
                lifecycle.hold(opened, self._claim)
                record_event(opened, self._claim.job_id, "note", text)

        await asyncio.to_thread(write)


def report_of(
    url: str, known: Recognised, source: LoadedSource, reading: Reading, robots: str
) -> Report:
    """The report of what was read of the source's novel."""
    site = source.site
    assert site is not None
    hosts = _hosts_of(source.info)
    titles = {ref.source_id: ref for ref in reading.refs}
    chapters = []
    for chapter in reading.chosen:
        text, ref = reading.texts.get(chapter), titles.get(chapter)
        problem = reading.failed.get(chapter)
        shown = ref or (text[0] if text else None)
        chapters.append(
            ReadChapter(
                title=shown.title if shown else chapter,
                url=shown.url if shown else "",
                words=text[1] if text else 0,
                problem=problem.message if problem else None,
            )
        )
    return Report(
        url=url,
        software=known.family.title,
        version=known.answer.version,
        confidence=known.answer.confidence,
        site=SiteFacts(
            name=site.name,
            family=site.family,
            base_url=site.base_url,
            title=site.title,
            language=site.language,
            time_zone=site.time_zone,
            rate_group=site.rate_group,
            aliases=site.aliases,
            options=dict(site.options),
        ),
        hosts=hosts,
        novel=_novel_facts(reading),
        chapters=tuple(chapters),
        findings=tuple(findings_of(reading, hosts)),
        robots=robots,
    )


def _novel_facts(reading: Reading) -> NovelFacts | None:
    novel = reading.novel
    if novel is None:
        return None
    dates: list[datetime] = [ref.published_at for ref in reading.refs if ref.published_at]
    return NovelFacts(
        title=novel.title,
        authors=tuple(author.name for author in novel.authors),
        url=novel.url,
        found=len({ref.source_id for ref in reading.refs}),
        stated=stated_chapters(reading),
        is_whole=not reading.unread and not reading.walked and not reading.is_partial,
        locked=sum(ref.access is Access.LOCKED for ref in reading.refs),
        dated=len(dates),
    )


def _hosts_of(info: SourceInfo) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*info.domains, *info.host_politeness)))


def _as_wished(site: Site, wishes: Wishes) -> Site:
    return replace(
        site, title=wishes.title or site.title, language=wishes.language or site.language
    )


def _at_scheme_of(site: Site, url: str) -> Site:
    """The site by http or https as its page was fetched: what pages say of it is often old."""
    scheme, _, _ = url.partition("://")
    if site.host not in {host_of(url), twin_of(host_of(url))}:
        return site
    return replace(site, base_url=f"{scheme}://{site.base_url.partition('://')[2]}")
