"""What an author has changed, told in time that no chapter can blow up."""

from novel_core.library.revisions import MOST_PAIRS, Hunk, compare


def test_scene_breaks_do_not_make_a_comparison_slow() -> None:
    """Every second paragraph the same, all others different: the pairs of equal ones grow with the square."""
    breaks = MOST_PAIRS
    size = int(breaks**0.5) + 1
    old = [line for number in range(size) for line in (f"old {number}", "* * *")]
    new = [line for number in range(size) for line in (f"new {number}", "* * *")]
    assert list(compare(old, new)) == [Hunk("changed", tuple(old), tuple(new))]


def test_an_ordinary_chapter_is_compared_line_by_line() -> None:
    old = [line for number in range(60) for line in (f"line {number}", "* * *")]
    new = [*old[:20], "another line", *old[21:]]
    assert [hunk.kind for hunk in compare(old, new)] == ["same", "changed", "same"]
