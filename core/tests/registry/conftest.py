"""Little plugin distributions, laid out in a folder as an installer leaves them."""

import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from novel_core.registry import Registry

#: A whole source plugin: one host, novels at /n/<id>, chapters at /c/<id>.
PLUGIN = """
from novel_core import Parsed, Parser, Sample, Source, SourceInfo, UrlKind, UrlMatch, hookimpl

HOST = {host!r}

class OwnParser(Parser):
    def parse(self, page):
        return Parsed()

class Own(Source):
    info = SourceInfo(name={name!r}, title={title!r}, homepage=f"https://{{HOST}}", domains=(HOST,))
    samples = (Sample(f"https://{{HOST}}/n/7", UrlKind.NOVEL, f"https://{{HOST}}/n/7", novel_id="7"),)

    def match(self, url):
        kind, _, number = url.removeprefix(f"https://{{HOST}}/").partition("/")
        number = number.partition("/")[0].partition("?")[0]
        if kind == "n" and number.isdigit():
            return UrlMatch(UrlKind.NOVEL, f"https://{{HOST}}/n/{{number}}", novel_id=number)
        if kind == "c" and number.isdigit():
            return UrlMatch(UrlKind.CHAPTER, f"https://{{HOST}}/c/{{number}}", chapter_id=number)
        return None

    def parser(self):
        return OwnParser()

{members}
@hookimpl
def novel_sources():
    return [Own()]
"""


@dataclass
class Site:
    """A folder of installed distributions."""

    folder: Path
    modules: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        code: str | None = None,
        *,
        members: str = "",
        extra: str = "",
        host: str | None = None,
        distribution: str | None = None,
        version: str = "1.0",
        requires: tuple[str, ...] = ("novel-core>=0.1,<0.2",),
        target: str | None = None,
        group: str = "novel.sources",
    ) -> str:
        """Install a source; the module's name.

        `members` are added to the source's class, `extra` to the end of the plugin; `code` replaces
        the whole plugin.
        """
        distribution = distribution or f"novel-{name}"
        module = f"{distribution.replace('-', '_')}_{len(self.modules)}"
        self.modules.append(module)
        plugin = PLUGIN.format(
            name=name,
            title=name.title(),
            host=host or f"{name}.example",
            members=textwrap.indent(members, "    "),
        )
        (self.folder / f"{module}.py").write_text(plugin + extra if code is None else code)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {distribution}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join([*lines, "", "Requires-Dist: not-a-header", ""]))
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target or module}\n")
        (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\n")
        (info / "INSTALLER").write_text("test\n")
        files = [f"{module}.py", *(f"{info.name}/{file.name}" for file in info.iterdir())]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
        return module

    def registry(self, **options: Any) -> Registry:
        """What is installed here, and nothing else, loaded in this process."""
        points = [
            point
            for distribution in importlib.metadata.distributions(path=[str(self.folder)])
            for point in distribution.entry_points
        ]
        importlib.invalidate_caches()
        return Registry.load(entry_points=points, **options)

    def run(
        self,
        *arguments: str,
        disabled: str = "",
        stdout: int = subprocess.PIPE,
        **environ: str,
    ) -> Any:
        """`novel ARGUMENTS` in a process of its own that has these distributions installed."""
        script = "from novel_core.cli import main; main()"
        return self._process(script, *arguments, disabled=disabled, stdout=stdout, **environ)

    def python(self, script: str, *arguments: str) -> Any:
        """What a script prints as JSON, in such a process."""
        ran = self._process(script, *arguments)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])

    def _process(
        self,
        script: str,
        *arguments: str,
        disabled: str = "",
        stdout: int = subprocess.PIPE,
        **environ: str,
    ) -> Any:
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(self.folder),
                # Not a library of the person who runs the tests.
                "NOVEL_DATA_DIR": str(self.folder / "data"),
                "NOVEL_DISABLED_SOURCES": f"royalroad,ao3,{disabled}",
                **environ,
            },
            cwd=self.folder,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    def sources(self, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        """`novel sources --json`, by name, those of the environment around among them."""
        ran = self.run("sources", "--json", *arguments, **options)
        return {entry["name"]: entry for entry in json.loads(ran.stdout)}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    installed = Site(folder)
    yield installed
    for module in installed.modules:
        sys.modules.pop(module, None)
