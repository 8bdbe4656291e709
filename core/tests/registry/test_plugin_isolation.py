"""A broken plugin harms nobody: real distributions, real processes, a healthy source beside each."""

import json
from pathlib import Path
from typing import Any

import pytest

#: name of the case -> how the plugin is installed, its state, its error.
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "broken import": (
        {"code": "import a_module_that_is_not_there"},
        "failed",
        "it cannot be imported: ModuleNotFoundError: No module named 'a_module_that_is_not_there'",
    ),
    "syntax error": (
        {"code": "def novel_parser(:\n"},
        "failed",
        "it cannot be imported: SyntaxError: invalid syntax (novel_bad_1.py, line 1)",
    ),
    "exit at import": (
        {"code": "import sys\nprint('bye', file=sys.stdout, end='')\nsys.exit(3)"},
        "failed",
        "it cannot be imported: SystemExit: 3",
    ),
    "misspelt hook": (
        {"extra": "@hookimpl\ndef novel_item_save(item): pass\n"},
        "failed",
        ("its hooks are not those of the contract: PluginValidationError:"
        " unknown hook 'novel_item_save' in plugin <module 'novel_bad_1'"),
    ),
    "no sources": (
        {"extra": "del novel_sources\n"},
        "failed",
        ("it does not implement novel_sources() -> Iterable[Source | Family]:"
        " write @hookimpl above it"),
    ),
    "method is missing": (
        {"extra": "class Torn(Source): pass\n@hookimpl\ndef novel_sources(): return [Torn()]\n"},
        "failed",
        "novel_sources failed: TypeError: Can't instantiate abstract class Torn",
    ),
    "metadata that raise": (
        {"members": "@property\ndef info(self): raise SystemExit('no name')\n"},
        "failed",
        "it cannot be read: SystemExit: no name",
    ),
    "options that raise": (
        {"members": "class Options:\n    def __init__(self): raise ValueError('no default')\n"},
        "failed",
        "novel_sources failed: ValueError: no default",
    ),
    "too new": (
        {"code": "raise AssertionError('imported')", "requires": ("novel-core>=99",)},
        "incompatible",
        "it needs novel-core >=99, and 0.1.0 is installed",
    ),
    "no such attribute": (
        {"target": "novel_bad_1:plugin"},
        "failed",
        "it cannot be imported: AttributeError: module 'novel_bad_1' has no attribute 'plugin'",
    ),
}  # fmt: skip

RESOLVE = """
import json, sys
from novel_core.errors import NovelError
from novel_core.registry import load_registry
registry = load_registry()
told = []
for url in sys.argv[1:]:
    try:
        told.append(registry.resolve(url).source.name)
    except NovelError as error:
        told.append([error.code, error.message])
print(json.dumps(told))
"""


@pytest.mark.parametrize("case", CASES)
def test_a_broken_plugin_is_listed_and_its_neighbour_works(site: Any, case: str) -> None:
    install, state, error = CASES[case]
    site.add("good")
    site.add("bad", **install)
    ran = site.run("sources", "--json")
    listed = {entry["name"]: entry for entry in json.loads(ran.stdout)}
    assert ran.returncode == 0
    assert listed["bad"]["state"] == state
    assert listed["bad"]["error"].startswith(error)
    assert (listed["good"]["state"], listed["good"]["error"]) == ("loaded", None)
    assert site.python(RESOLVE, "good.example/n/7") == ["good"]


def test_two_distributions_with_one_name_are_both_refused_and_named(site: Any) -> None:
    site.add("good")
    site.add("twin", "raise AssertionError('imported')", distribution="novel-first")
    site.add("twin", "raise AssertionError('imported')", distribution="novel-second", version="2")
    ran = site.run("sources", "--json")
    found = [
        (entry["state"], entry["distribution"], entry["error"])
        for entry in json.loads(ran.stdout)
        if entry["name"] == "twin"
    ]
    error = "its name is used by novel-first 1.0 and novel-second 2; uninstall all but one"
    assert found == [
        ("duplicate", "novel-first", error),
        ("duplicate", "novel-second", error),
    ]
    assert site.python(RESOLVE, "good.example/n/7") == ["good"]


def test_a_disabled_plugin_is_never_imported(site: Any, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    site.add("good")
    module = site.add("bad", f"open({str(trace)!r}, 'a').close()\nraise AssertionError")
    assert site.sources(disabled="bad")["bad"]["state"] == "disabled"
    assert not trace.exists(), module
    assert site.sources()["bad"]["state"] == "failed"
    assert trace.exists()


def test_rivals_for_one_address_are_both_named(site: Any) -> None:
    site.add("good")
    site.add("bad", host="good.example")
    claimed, told = site.python(RESOLVE, "good.example/x", "good.example/n/7")
    assert claimed[0] == "unsupported_url"
    assert told == [
        "ambiguous_url",
        (
            "More than one source matches https://good.example/n/7:"
            " bad (novel-bad 1.0) and good (novel-good 1.0)."
        ),
    ]


def test_a_rival_that_raises_does_not_stand_in_the_way(site: Any) -> None:
    site.add("good")
    site.add(
        "bad",
        host="good.example",
        members="def match(self, url): raise KeyError(url)",
    )
    assert site.python(RESOLVE, "good.example/n/7") == ["good"]
    (told,) = site.python(RESOLVE, "good.example/x")
    assert told == [
        "plugin_error",
        ("The source bad (novel-bad 1.0): match raised KeyError: 'https://good.example/x'."),
    ]


def test_metadata_of_others_that_cannot_be_read_does_no_harm(site: Any) -> None:
    site.add("good")
    for name, content in (
        ("binary", b"\xff\xfe\x00"),
        ("torn", b"[novel.sources]\nnothing here\n"),
    ):
        folder = site.folder / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_bytes(content)
    listed = site.sources()
    assert listed["good"]["state"] == "loaded"
    assert listed["torn"]["state"] == "failed"
    assert listed["torn"]["error"].startswith("its entry points cannot be read: ")
    assert "binary" not in listed


def test_strict_names_every_plugin_that_is_not_loaded(site: Any) -> None:
    site.add("good")
    site.add("bad", "import a_module_that_is_not_there")
    site.add("new", requires=("novel-core>=99",))
    ran = site.run("novels", NOVEL_STRICT_PLUGINS="1", DATABASE_URL="postgresql://127.0.0.1:9/x")
    assert ran.returncode == 1
    assert ran.stderr.startswith(
        "novel: Not every plugin could be loaded."
        " bad (novel-bad 1.0): it cannot be imported: ModuleNotFoundError:"
    )
    assert "new (novel-new 1.0): it needs novel-core >=99" in ran.stderr
