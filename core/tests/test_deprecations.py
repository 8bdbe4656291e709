"""Deprecations warn whoever uses them, and end when they said they would."""

import pytest
from packaging.version import Version

from novel_core.deprecations import DEPRECATIONS, Deprecation
from novel_core.version import __version__


def test_none_outlives_its_version() -> None:
    assert [
        str(each) for each in DEPRECATIONS if Version(each.removed_in) <= Version(__version__)
    ] == []


def test_the_warning_points_at_the_user_of_it() -> None:
    old = Deprecation("the_old_way", "the_new_way", "9.0")

    def the_old_way() -> None:
        old.warn()

    with pytest.warns(DeprecationWarning, match="novel-core 9.0 removes it") as caught:
        the_old_way()
    assert caught[0].filename == __file__
