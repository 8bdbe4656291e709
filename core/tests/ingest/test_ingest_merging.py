"""The merged order of chapters."""

import itertools

import pytest

from novel_core.ingest.chapter_order import merge


@pytest.mark.parametrize(
    ("listed", "known", "expected"),
    [
        ("", "", ""),
        ("abc", "", "abc"),
        ("abc", "abc", "abc"),
        ("ac", "abc", "abc"),
        ("bc", "abc", "abc"),
        ("ab", "abc", "abc"),
        ("", "abc", "abc"),
        ("abcd", "abc", "abcd"),
        ("axbc", "abc", "axbc"),
        ("cba", "abc", "cba"),
        ("ax", "abc", "abcx"),
        ("ca", "abc", "cab"),
    ],
)
def test_merge(listed: str, known: str, expected: str) -> None:
    assert "".join(merge(listed, known)) == expected


def test_removal_never_moves_a_number() -> None:
    known = "abcdef"
    for size in range(len(known) + 1):
        for listed in itertools.combinations(known, size):
            assert "".join(merge(listed, known)) == known


def test_the_sites_own_order_is_kept() -> None:
    for listed in itertools.permutations("acx"):
        merged = merge(listed, "abcd")
        assert sorted(merged) == sorted("abcdx")
        assert tuple(chapter for chapter in merged if chapter in listed) == listed
