"""`novel new`: what it asks, what it refuses, what it prints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import Novel

from novel_core.cli import new as module
from novel_core.cli.new import PARSERS, literal, new


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Novel:
    return Novel(monkeypatch, capsys)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a person's own cookiecutter defaults, which are not asked."""
    (tmp_path / ".cookiecutterrc").write_text('default_context: {author: "Somebody Else"}\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_questions_are_asked_until_the_answer_is_good(home: Path) -> None:
    lines = [
        "",
        "Wuxia",
        "wuxia",
        "",
        "no address",
        "https://wuxia.example",
        "",
        "Ann",
        "ann",
        "",
        "code",
        "y",
    ]
    result = CliRunner().invoke(new, ["--json", f"--output-dir={home}"], input="\n".join(lines))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "source": "wuxia",
        "kind": "source",
        "path": str(home / "novel-wuxia"),
    }
    assert "The source's name 'Wuxia' is not made of lower-case letters" in result.stderr
    assert "Title of the site, or of the software [Wuxia]:" in result.stderr
    assert "'no address' is not the URL of a site" in result.stderr
    assert "'ann' is not an e-mail address." in result.stderr
    project = home / "novel-wuxia"
    assert 'name = "Ann"' in (project / "pyproject.toml").read_text(encoding="utf-8")
    assert (project / "src/novel_wuxia/spider.py").is_file()
    assert not (home / ".cookiecutter_replay").exists()


def test_what_is_given_is_not_asked(home: Path) -> None:
    given = [
        "wuxia",
        "--no-family",
        "--title=T",
        "--homepage=https://w.example",
        "--language=zh",
        "--author=Ann",
    ]
    given += ["--email=a@example.org", "--parser=code", "--no-spider", f"--output-dir={home}"]
    result = CliRunner().invoke(new, given, input="")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Created {home / 'novel-wuxia'}." in result.stdout
    # What the pip of Python 3.11 does not know is not in the command.
    assert "python -m pip install -e '.[dev]'" in result.stdout
    assert "--group" not in result.stdout


def test_the_questions_are_the_templates() -> None:
    described = json.loads((module.find_template() / "cookiecutter.json").read_text("utf-8"))
    asked = {question for question in described if not question.startswith("_")}
    options = {str(parameter.name) for parameter in new.params}
    assert asked - {"kind"} == options & asked
    assert "family" in options
    assert tuple(described["parser"]) == PARSERS
    assert described["__prompts__"].keys() == asked


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("royalroad",), "The source royalroad is installed already, by novel-royalroad"),
        (("import",), "is a keyword of Python"),
        (("match",), "is a keyword of Python"),
        (("worker",), "which is the project's own"),
        (("-wuxia-",), "No such option"),
        (("wuxia ",), "is not made of lower-case letters"),
        (("x" * 65,), "is not made of lower-case letters"),
        (("ok", "--homepage=ftp://example.org"), "write https:// and a host"),
        (("ok", "--homepage=https://a b.example"), "write https:// and a host"),
        (("ok", "--homepage=https://me:pass@example.org"), "write https:// and a host"),
        (("ok", "--homepage=https://example.org:8080"), "write https:// and a host"),
        (("ok", "--homepage=https://münchen.example"), "write https:// and a host"),
        (("ok", "--homepage=https://[::1"), "write https:// and a host"),
        (("ok", '--homepage=https://example.org/a"b'), "write https:// and a host"),
        (("ok", "--homepage=https://example.org/?a={{ 1 }}"), "write https:// and a host"),
        (("ok", "--title=\n"), "The title is empty"),
        (("ok", "--title=a\u2028b"), "The title is not one line of text"),
        (("ok", "--author=" + "x" * 201), "longer than 200 characters"),
        (("ok", "--email=a@b@c"), "is not an e-mail address"),
        (("ok", "--language={{ 1 }}"), "is not a tag"),
        (("ok", "--parser=regex"), "is not one of"),
    ],
)
def test_bad_answers_are_refused_before_anything_is_written(
    command: Novel, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = command("new", *arguments, "--no-input", f"--output-dir={tmp_path / 'out'}")
    assert ran.code == 2
    assert told in " ".join(ran.err.split())
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_left_alone(command: Novel, tmp_path: Path) -> None:
    (tmp_path / "novel-ok").mkdir()
    ran = command("new", "ok", "--no-input", "--json", f"--output-dir={tmp_path}")
    assert (ran.code, ran.json["error_code"]) == (2, "usage")
    assert ran.json["error_message"] == f"{tmp_path / 'novel-ok'} exists already."
    assert list((tmp_path / "novel-ok").iterdir()) == []


def test_a_module_of_that_name_is_taken(
    command: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "novel_mine.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    ran = command("new", "mine", "--no-input", f"--output-dir={tmp_path}")
    assert (ran.code, "The package novel_mine is installed already." in ran.err) == (2, True)


def test_an_output_folder_that_is_a_file(command: Novel, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = command("new", "ok", "--no-input", f"--output-dir={tmp_path / 'file' / 'below'}")
    assert (ran.code, "could not be written" in ran.err) == (2, True)


def test_without_cookiecutter_the_error_says_what_to_install(
    command: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cookiecutter.environment", "cookiecutter.exceptions", "cookiecutter"):
        monkeypatch.setitem(sys.modules, name, None)
    ran = command("new", "ok", "--no-input", f"--output-dir={tmp_path}")
    assert ran.code == 2
    assert "pip install 'novel-core[kit]'" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_installation_without_the_template_says_so(
    command: Novel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PLACES", (tmp_path,))
    ran = command("new", "ok", "--no-input", "--json")
    assert (ran.code, ran.json["error_code"]) == (2, "usage")
    assert "not part of this installation" in ran.json["error_message"]


@pytest.mark.parametrize("text", ["", "plain", "{{ 1 }}", '"\\', "👩‍💻\u2028", "{% raw %}"])
def test_a_literal_renders_to_its_text(text: str) -> None:
    from jinja2 import Environment

    assert Environment(autoescape=False).from_string(literal(text)).render() == text
