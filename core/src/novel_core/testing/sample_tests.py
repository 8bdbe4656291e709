"""The tests of a source's samples: how their URLs match."""

from __future__ import annotations

from urllib.parse import urlsplit

from novel_core.registry import LoadedSource
from novel_core.source import Sample, UrlKind
from novel_core.testing.source_under_test import SourceUnderTest


class SampleTests(SourceUnderTest):
    """The tests with samples, of a source and of each site of a family that has some."""

    def test_samples_match_as_they_state(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            match = loaded.match(sample.url)
            assert match is not None, (
                f"match({sample.url!r}) returns None, but the URL is one of the source's samples."
            )
            actual = (match.kind, match.url, match.novel_id, match.chapter_id)
            stated = (sample.kind, sample.canonical_url, sample.novel_id, sample.chapter_id)
            assert actual == stated, (
                f"match({sample.url!r}) and its Sample disagree"
                " (kind, canonical URL, novel id, chapter id):"
                f"\n  match:  {actual}\n  Sample: {stated}"
            )

    def test_canonical_urls_match_themselves(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        for sample in samples:
            match = loaded.match(sample.url)
            assert match is not None
            assert loaded.match(match.url) == match, (
                f"{match.url} is the canonical URL of {sample.url}: match must give the"
                " same match for it."
            )
            if match.novel_url is not None:
                novel = loaded.match(match.novel_url)
                assert novel is not None, f"No source matches the novel_url {match.novel_url}."
                assert (novel.kind, novel.novel_id) == (UrlKind.NOVEL, match.novel_id), (
                    f"The novel_url {match.novel_url} is not the page of novel {match.novel_id}."
                )

    def test_other_hosts_do_not_match(
        self, loaded: LoadedSource, samples: tuple[Sample, ...]
    ) -> None:
        """The links of a page are matched too, and lead anywhere."""
        for sample in samples:
            parts = urlsplit(sample.canonical_url)
            url = parts._replace(netloc="elsewhere.example").geturl()
            assert loaded.source.match(url) is None, (
                f"match matches {url}, which is at none of SourceInfo.domains: a link to another"
                " site on a page would be taken for one of the source's own."
            )
