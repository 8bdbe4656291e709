"""Projects from the template, with ordinary and hostile answers, pass their own checks."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
import yaml
from commands import Novel

from novel_core.sites.fields import _NAME

Bake = Callable[..., Path]

TODO = "tests/test_todo.py::test_nothing_is_left_to_do"
NAMES = {
    "selectors": ("wuxia-world", "--parser=selectors"),
    "code": ("archive_2", "--parser=code", "--spider"),
    "longest": ("9" + "x" * 63, "--parser=code", "--spider", "--language=mul"),
    "family": ("inkstand", "--family", "--homepage=https://ink.example/library"),
    "family_code": ("ink-stand", "--family", "--parser=code", "--spider", "--language=mul"),
}
HOSTILE = [
    "The \"Inn\" of 'Nine'",
    '"""',
    "'''",
    'all "double" quotes',
    "back\\slash\\",
    '", injected = "x',
    '"); import os; os.abort()  #',
    "{{ 1 }}",
    "{{ cookiecutter }} {% raw %} {# note #} {% endraw %}",
    "${{ secrets.TOKEN }} $HOME %s {0}",
    "# TODO: <script>alert(1)</script> --> ]]>",
    "Ünïcödé Сеть 小説 \u2018curly\u2019",
    "👩‍💻 🏴‍☠️",
    "\u202eright to left\u2066",
    "a: b, - c & *d !e |f",
]


@pytest.fixture
def bake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bake:
    """Bakes with `novel new`, asking nothing."""
    command = Novel(monkeypatch, capsys)

    def baked(*arguments: str) -> Path:
        ran = command("new", *arguments, "--no-input", "--json", f"--output-dir={tmp_path}")
        assert ran.code == 0, ran.out + ran.err
        return Path(ran.json["path"])

    return baked


@pytest.fixture(scope="module")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def run(
    *arguments: str | Path,
    folder: Path,
    code: int = 0,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=os.environ | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def install(project: Path, site: Path) -> Path:
    """As an installer does with a wheel of pure Python, apart from everybody's environment."""
    run("hatchling", "build", "-t", "wheel", "-d", site.with_suffix(".dist"), folder=project)
    (wheel,) = site.with_suffix(".dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    return site


def lint(project: Path) -> None:
    run("ruff", "check", "--no-cache", ".", folder=project)
    run("ruff", "format", "--no-cache", "--check", "--diff", ".", folder=project)


def failed(output: str) -> set[str]:
    return {
        line.split()[1] for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))
    }


@pytest.mark.kit
@pytest.mark.parametrize("arguments", NAMES.values(), ids=NAMES)
def test_a_baked_project_passes_its_own_checks(
    bake: Bake, tmp_path: Path, mypy_cache: Path, arguments: tuple[str, ...]
) -> None:
    project = bake(*arguments, f"--title={HOSTILE[0]}", f"--author={HOSTILE[7]}")
    lint(project)
    path = str(install(project, tmp_path / "site"))
    # Without the plugins that happen to be installed here.
    environment = {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run("mypy", "--cache-dir", mypy_cache, folder=project, environment=environment)
    tests = ("pytest", "-q", "--tb=short", "-p", "no:cacheprovider")
    done = run(*tests, folder=project, code=1, environment=environment)
    assert failed(done.stdout) == {TODO}
    if "--family" in arguments:
        assert "TODO in sites.toml, line 4: the sites themselves" in done.stdout
        assert "TODO in samples.py, line 15: the URL and the values of a real nov" in done.stdout
    else:
        assert "TODO in samples.py, line 11: the URL and the values of a real novel" in done.stdout
    for file in [*project.rglob("*.py"), *project.rglob("*.toml")]:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        done_with = [line for line in lines if not line.lstrip().startswith("# TODO: ")]
        file.write_text("".join(done_with), encoding="utf-8")
    run(*tests, "tests/test_todo.py", folder=project, environment=environment)


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_is_answered_every_file_is_valid(bake: Bake, tmp_path: Path, words: str) -> None:
    for more in ((), ("--family",)):
        kind = f"taken-{'words' if more else 'word'}"
        project = bake(
            kind, f"--title={words}", f"--author={words}", "--email=a'b@example.org", *more
        )
        lint(project)
        for file in project.rglob("*.toml"):
            tomllib.loads(file.read_text(encoding="utf-8"))
    tree = ast.parse((project / "src/novel_taken_words/__init__.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert words in texts
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["authors"] == [{"name": words, "email": "a'b@example.org"}]
    assert about["description"] == f"{words} as a family for Novel Ingestion."
    assert f" {words}\n" in (project / "LICENSE").read_text(encoding="utf-8")
    for file in project.rglob("*.json"):
        json.loads(file.read_text(encoding="utf-8"))
    for file in project.rglob("*.yml"):
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    for file in project.rglob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"))


def test_the_package_says_who_made_it(bake: Bake, tmp_path: Path) -> None:
    project = bake("told", f"--author={HOSTILE[0]}", f"--title={HOSTILE[4]}")
    (metadata,) = install(project, tmp_path / "site").glob("*.dist-info/METADATA")
    told = BytesParser(policy=default).parsebytes(metadata.read_bytes())
    assert told["Summary"] == f"{HOSTILE[4]} as a source for Novel Ingestion."
    assert told["License-Expression"] == "MIT"
    assert told["Requires-Dist"].startswith("novel-core<0.2,>=0.1")


def test_both_styles_read_the_recorded_pages_alike(bake: Bake, tmp_path: Path) -> None:
    by_table, by_code = bake("one", "--parser=selectors"), bake("two", "--parser=code")
    for recording in by_table.glob("tests/recordings/*/expected.json"):
        assert (recording.parent / "page.json").read_text("utf-8").startswith('{\n "source": "one"')
        other = (by_code / recording.relative_to(by_table)).read_text(encoding="utf-8")
        assert recording.read_text(encoding="utf-8").replace("one", "two") == other


#: Prints the date, without a zone in the page, of a project's novel; sites.toml or the source has
#: the zone.
DATE = """
import sys
import tomllib
from dataclasses import replace
from importlib import import_module

from novel_core import Novel, Page, PageKind

module = import_module(sys.argv[1])
[source] = module.novel_sources()
if hasattr(source, "sites"):
    [site] = source.sites
    assert site.aliases == ("m.example.org",)
    assert site.options == {"posts_per_page": 20}
    source = source.source(site)
body = sys.argv[3].encode()
page = Page(sys.argv[2], PageKind.INDEX, body, requested_url=sys.argv[2])
[novel, *_] = source.parser().parse(page).items
print(novel.published_at.isoformat())
"""


@pytest.mark.parametrize("style", ["selectors", "code"])
@pytest.mark.parametrize("kind", ["--no-family", "--family"])
def test_the_time_zone_of_a_project_counts(bake: Bake, style: str, kind: str) -> None:
    project = bake("zoned", kind, f"--parser={style}", "--homepage=https://zoned.example")
    for file in (*project.glob("src/*/__init__.py"), *project.glob("src/*/sites.toml")):
        text = file.read_text(encoding="utf-8").replace('time_zone="UTC"', 'time_zone="Asia/Tokyo"')
        for name in ("time_zone", "aliases", "options", "rate_group"):
            text = text.replace(f"# {name} =", f"{name} =")
        file.write_text(text.replace("Europe/Paris", "Asia/Tokyo"), encoding="utf-8")
    body = (project / "tests/recordings/novel/body.html").read_text(encoding="utf-8")
    body = body.replace("2024-03-01T09:00:00Z", "2024-03-01T09:00:00")
    arguments = ("novel_zoned", "https://zoned.example/novel/7", body)
    (project / "src" / "date_of_novel.py").write_text(DATE, encoding="utf-8")
    ran = run("date_of_novel", *arguments, folder=project / "src")
    assert datetime.fromisoformat(ran.stdout.strip()) == datetime(2024, 3, 1, tzinfo=UTC)


RECOGNISE = """
import sys
from novel_core import Page, PageKind
from novel_zoned import ZonedFamily

page = Page("https://zoned.example/novel/7", PageKind.INDEX, sys.argv[1].encode())
found = ZonedFamily().recognise(page)
print(found.base_url, found.time_zone)
"""


@pytest.mark.parametrize(
    ("written", "zone"), [("Asia/Tokyo", "Asia/Tokyo"), ("+09:00", "UTC"), ("", "UTC")]
)
def test_a_family_recognises_the_time_zone_of_a_site(bake: Bake, written: str, zone: str) -> None:
    project = bake("zoned", "--family", "--homepage=https://zoned.example")
    body = (project / "tests/recordings/novel/body.html").read_text(encoding="utf-8")
    given = '<meta name="time-zone" content="UTC">'
    assert given in body
    body = body.replace(given, given.replace("UTC", written) if written else "")
    (project / "src" / "recognise_page.py").write_text(RECOGNISE, encoding="utf-8")
    ran = run("recognise_page", body, folder=project / "src")
    assert ran.stdout.split() == ["https://zoned.example", zone]


def test_a_sed_over_all_files_leaves_the_list_of_todos(bake: Bake) -> None:
    file = bake("seds") / "tests" / "test_todo.py"
    assert "# TODO: " not in file.read_text(encoding="utf-8")


def test_a_spider_only_where_wanted(bake: Bake) -> None:
    with_spider, without = bake("one", "--spider"), bake("two")
    assert [file.name for file in with_spider.rglob("spider.py")] == ["spider.py"]
    assert list(without.rglob("*spider*")) == []
    assert "Spider" not in (without / "src/novel_two/__init__.py").read_text(encoding="utf-8")


def test_a_family_and_a_source_have_files_of_their_own(bake: Bake) -> None:
    source, family = bake("one"), bake("two", "--family")
    files_of_family = {"recognition.py", "sites.toml", "test_site_urls.py"}
    assert {file.name for file in family.rglob("*.*")} >= files_of_family
    assert not {file.name for file in source.rglob("*.*")} & files_of_family
    assert not {file.name for file in family.rglob("*.*")} & {"test_urls.py"}


def test_nothing_of_jinja_is_left(bake: Bake) -> None:
    for file in bake("plain", "--spider").rglob("*"):
        if file.is_file() and ".github" not in file.parts:
            text = file.read_text(encoding="utf-8")
            assert not [mark for mark in ("{{", "}}", "{%", "%}", "cookiecutter") if mark in text]


def test_publishing_is_trusted_and_pinned(bake: Bake) -> None:
    workflows = bake("plain") / ".github" / "workflows"
    jobs = yaml.safe_load((workflows / "publish.yml").read_text(encoding="utf-8"))["jobs"]
    publish = jobs["publish"]
    assert (publish["environment"], publish["permissions"]) == ("release", {"id-token": "write"})
    assert "pypa/gh-action-pypi-publish@v1.13.0" in {step.get("uses") for step in publish["steps"]}
    ci = yaml.safe_load((workflows / "ci.yml").read_text(encoding="utf-8"))["jobs"]["check"]
    assert ci["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


@pytest.fixture
def cookiecutter(
    project_root: Path, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program itself, with a home of its own: it records what was answered there."""

    def ran(*answers: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        template = project_root / "plugins" / "_template"
        where = tmp_path / "by_hand"
        return run(
            "cookiecutter",
            template,
            "--no-input",
            "-o",
            where,
            *answers,
            folder=tmp_path,
            code=code,
            environment={"HOME": str(tmp_path / "home")},
        )

    return ran


def files(project: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(project.rglob("*")):
        if file.is_file():
            yield str(file.relative_to(project)), file.read_bytes()


@pytest.mark.kit
def test_cookiecutter_bakes_the_same(
    bake: Bake, cookiecutter: Callable[..., object], tmp_path: Path
) -> None:
    cookiecutter("source=same", "parser=code", "spider=y", f"title={HOSTILE[0]}")
    project = bake("same", "--parser=code", "--spider", f"--title={HOSTILE[0]}")
    assert list(files(tmp_path / "by_hand" / "novel-same")) == list(files(project))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("source=Wuxia", "The source's name 'Wuxia' is not made of lower-case letters"),
        ("source=../../wuxia", "is not made of lower-case letters"),
        ("source=class", "is a keyword of Python"),
        ("source=core", "which is the project's own"),
        ("homepage=example.org", "write https:// and a host"),
        ("title=two\nlines", "The title is not one line of text"),
        ("title= ", "The title is empty"),
        ("language=English, please", "is not a tag such as en"),
        ("email=nobody", "is not an e-mail address"),
        ('author=\x1b[31m"""', "The author's name is not one line of text"),
    ],
)
def test_cookiecutter_refuses_in_words_and_leaves_nothing(
    cookiecutter: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    answer: str,
    told: str,
) -> None:
    assert told in cookiecutter(answer, code=1).stderr
    made = tmp_path / "by_hand"
    assert not made.exists() or list(made.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} <= {"by_hand", "home"}


def test_the_rules_are_the_registrys(project_root: Path) -> None:
    rules = (project_root / "plugins/_template/source_answers.py").read_text(encoding="utf-8")
    assert f'SOURCE_NAME = re.compile(r"{_NAME.pattern}")' in rules


def test_the_template_comes_with_the_package(project_root: Path, tmp_path: Path) -> None:
    """A wheel built directly equals one from the sdist, and makes the same project."""
    core = project_root / "core"
    run("hatchling", "build", "-t", "sdist", "-d", tmp_path, folder=core)
    (archive,) = tmp_path.glob("*.tar.gz")
    run("tarfile", "-e", archive, tmp_path / "source", folder=tmp_path)
    (source,) = (tmp_path / "source").iterdir()
    site = install(source, tmp_path / "site")
    run("hatchling", "build", "-t", "wheel", "-d", tmp_path / "direct", folder=core)
    (direct,) = (tmp_path / "direct").glob("*.whl")
    (by_source,) = (tmp_path / "site.dist").glob("*.whl")
    assert direct.read_bytes() == by_source.read_bytes()
    run(
        "compileall", "-q", site / "novel_core" / "template", folder=tmp_path, code=1
    )  # as pip does
    script = "import sys; from novel_core.cli import main; main()"
    made = []
    for name, path in (("installed", str(site)), ("repository", "")):
        command = [sys.executable, "-c", script, "new", "same", "--no-input", "--json"]
        done = subprocess.run(
            [*command, f"--output-dir={tmp_path / name}"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        made.append(list(files(Path(json.loads(done.stdout)["path"]))))
    assert made[0] == made[1]
