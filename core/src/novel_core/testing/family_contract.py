"""The tests of the plugin contract for a family: every site, and how the software is recognised."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from novel_core.errors import NovelError
from novel_core.page import Page
from novel_core.plugin import Recognition, Site
from novel_core.recording import Recording, find_recordings, read_recording, source_of
from novel_core.registry import LoadedFamily, LoadedSource, SourceState
from novel_core.source import PageKind
from novel_core.testing.contract import check_info
from novel_core.testing.imports import heavy_imports
from novel_core.testing.other_software import pages_of_other_software
from novel_core.testing.page_tests import PageTests
from novel_core.testing.sample_tests import SampleTests
from novel_core.testing.source_under_test import registry
from novel_core.testing.unexpected_pages import UNEXPECTED_PAGES


class FamilyContract(SampleTests, PageTests):
    """The tests of an installed family: subclass it with the family's name.

    The tests with pages and samples run for each site that has recordings or samples, and for the
    first that is shipped.
    """

    family: ClassVar[str] = ""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "loaded" in metafunc.fixturenames:
            metafunc.parametrize("loaded", self._site_names() or [None], indirect=True)

    @classmethod
    def _site_names(cls) -> list[str]:
        family = registry().families.get(cls.family)
        sites = family.sites if family else ()
        shipped = [
            site.name
            for number, site in enumerate(sites)
            if number == 0 or (family and cls._has_samples(family, site))
        ]
        recorded = [recording.source for recording in cls._recorded()]
        return list(dict.fromkeys([*shipped, *recorded]))

    @staticmethod
    def _has_samples(family: LoadedFamily, site: Site) -> bool:
        # A site that does not load fails a test of its own.
        with suppress(NovelError):
            return bool(family.load(site).samples())
        return False

    @classmethod
    def _recorded(cls) -> list[Recording]:
        return [read_recording(place) for place in find_recordings(cls.recordings_folder())]

    @pytest.fixture
    def loaded(self, request: pytest.FixtureRequest) -> LoadedSource:
        if request.param is None:
            pytest.skip(f"{self.family} ships no site, and has no recordings.")
        try:
            return registry().get(request.param)
        except NovelError:
            [first, *_] = [one for one in self._recorded() if one.source == request.param]
            return source_of(first, registry())

    @pytest.fixture
    def own(self) -> LoadedFamily:
        family = registry().families.get(self.family)
        if family is not None:
            return family
        entries = [
            entry for entry in registry().sources if self.family in {entry.name, entry.plugin}
        ]
        reasons = "; ".join(f"{entry}: {entry.state}, {entry.error}" for entry in entries)
        pytest.fail(
            f"No family called {self.family!r} is loaded. {reasons}\n"
            'Write `family = "its name"` into the test class, and install the plugin where the'
            " tests run: pip install -e ."
        )

    def test_every_shipped_site_is_a_valid_source(self, own: LoadedFamily) -> None:
        broken = [
            f"{entry.name}: {entry.error}"
            for entry in registry().sources
            if entry.plugin == own.plugin.name and entry.state is not SourceState.LOADED
        ]
        assert not broken, "Not every site can be loaded: " + "; ".join(broken)
        for site in own.sites:
            loaded = own.load(site)
            check_info(loaded)
            assert urlsplit(loaded.info.homepage).hostname == site.host, (
                f"The homepage of {site.name} is {loaded.info.homepage}, not at {site.host}:"
                " make its info with site.source_info()."
            )

    def test_names_and_addresses_are_unique(self, own: LoadedFamily) -> None:
        sites = own.family.sites
        for values in ([site.name for site in sites], [site.base_url for site in sites]):
            twice = [value for value, times in Counter(values).items() if times > 1]
            assert not twice, f"Two sites have {', '.join(twice)}: a name or address is one site's."
        assert own.name not in {site.name for site in sites}, (
            f"A site has the family's name {own.name}: give it another one."
        )

    def test_the_import_is_light_and_opens_no_connection(self, own: LoadedFamily) -> None:
        names = [site.name for site in own.sites[:1]]
        heavy = heavy_imports(names[0], []) if names else []
        assert not heavy, (
            f"Importing the plugin imports {', '.join(heavy)}: import the parser, the spider and"
            " what recognises a page inside the methods that use them."
        )

    def test_each_site_matches_its_own_addresses_only(self, own: LoadedFamily) -> None:
        recorded = [page for page in self._recorded() if page.source in self._site_names()]
        if not recorded:
            pytest.skip(f"{own.name} has no recordings in {self.recordings_folder()}.")
        for recording in recorded:
            loaded = source_of(recording, registry())
            site = loaded.site
            assert site is not None
            address = recording.page.requested_url
            if loaded.match(address) is None:
                continue
            rest = address.removeprefix(site.base_url)
            places = [f"https://elsewhere.example{site.path}", f"{site.base_url}-2"]
            places += [other.base_url for other in own.sites if other != site]
            places += [site.base_url.removesuffix(site.path)] if site.path else []
            for place in places:
                found = loaded.source.match(f"{place}{rest}")
                assert found is None, (
                    f"The source of {site.name} matches {place}{rest}, which is not below"
                    f" {site.base_url}: ask site.owns(url) first. Links of a page are matched too."
                )

    def test_recognise_is_pure(self, own: LoadedFamily) -> None:
        pages = [recording.page for recording in self._recorded()]
        pages += pages_of_other_software()
        first = [own.recognise(page) for page in pages]
        again = [own.recognise(page) for page in reversed(pages)][::-1]
        assert first == again, (
            "recognise gives another answer the second time: keep no state between two pages."
        )

    def test_its_recordings_are_recognised(self, own: LoadedFamily) -> None:
        """At least one page of each site; a page of its API need not tell the software."""
        recorded = self._recorded()
        if not recorded:
            pytest.skip(f"{own.name} has no recordings in {self.recordings_folder()}.")
        known: Counter[str] = Counter()
        for recording in recorded:
            loaded = source_of(recording, registry())
            assert loaded.site is not None
            known[loaded.name] += 0
            found = own.recognise(recording.page)
            if found is None:
                continue
            known[loaded.name] += 1
            _check_recognition(found, loaded, recording)
        missing = [name for name, pages in known.items() if not pages]
        assert not missing, (
            f"recognise knows no recorded page of {', '.join(missing)}: look for what the software"
            " writes into every page."
        )

    def test_other_software_is_not_recognised(self, own: LoadedFamily) -> None:
        url = own.sites[0].base_url if own.sites else "https://elsewhere.example"
        pages = list(pages_of_other_software(own.name, own.title))
        pages += [page.page(PageKind.INDEX, f"{url}/1") for page in UNEXPECTED_PAGES]
        for page in pages:
            assert own.recognise(page) is None, (
                f"recognise takes a page of other software for {own.title}: {_beginning(page)}"
            )


def _check_recognition(found: Recognition, loaded: LoadedSource, recording: Recording) -> None:
    site = loaded.site
    assert site is not None
    assert 0 < found.confidence <= 1, f"Recognition.confidence is {found.confidence}: 0 to 1."
    assert found.base_url.rstrip("/") == site.base_url, (
        f"recognise finds the site {found.base_url} on {recording.page.url}, but that is"
        f" {site.base_url}."
    )


def _beginning(page: Page) -> str:
    return f"{page.url}\n{page.text[:400]}"
