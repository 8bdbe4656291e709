"""`docs/configuration.md`: complete, and made of the settings' own fields."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from novel_core.registry.switches import DISABLED_VARIABLE, STRICT_VARIABLE, read_switches
from novel_core.settings import SECTIONS, Settings, SourceOverride, load_settings, variable
from novel_core.settings.sections import PluginSettings


def documented() -> Iterator[tuple[str, str]]:
    """Every variable with its example, as the models have them."""
    for section in SECTIONS:
        for name, field in section.model_fields.items():
            assert section.__doc__
            if name == "sources":
                for own, override in SourceOverride.model_fields.items():
                    place = ("options", "field") if own == "options" else (own,)
                    yield variable("sources", "toysite", *place), (override.examples or [""])[0]
            else:
                yield variable(name), (field.examples or [""])[0]


def test_every_setting_is_in_a_section() -> None:
    settings = {name for section in SECTIONS for name in section.model_fields}
    assert settings == Settings.model_fields.keys() | PluginSettings.model_fields.keys()


@pytest.mark.parametrize(("name", "example"), list(documented()))
def test_an_example_is_a_value_that_changes_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, example: str
) -> None:
    monkeypatch.delenv(name, raising=False)
    if name == "NOVEL_WEBHOOK_URL":
        monkeypatch.setenv("NOVEL_WEBHOOK_SECRET", "whsec_c2VjcmV0")
    before = (load_settings(), read_switches())
    monkeypatch.setenv(name, example)
    assert (load_settings(), read_switches()) != before


def test_the_plugins_variables_are_the_ones_the_registry_reads() -> None:
    assert {variable(name) for name in PluginSettings.model_fields} == {
        DISABLED_VARIABLE,
        STRICT_VARIABLE,
    }


def test_the_page_is_up_to_date(project_root: Path) -> None:
    program = "from settings_page import PAGE, page; raise SystemExit(page() != PAGE.read_text())"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=project_root / "tools", check=False, timeout=60
    )
    assert ran.returncode == 0, "docs/configuration.md is out of date: run `make fix`"
