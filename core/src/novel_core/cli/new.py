"""`novel new`: a project for a new source plugin, generated from the template.

The questions are asked here, not by cookiecutter: it would also ask for what is given, on standard
output, check the answers only after the last one, and render an answer such as `{{ 1 }}`.
"""

from __future__ import annotations

import importlib.util
import json
import runpy
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from novel_core.cli.output import json_output, print_json, say
from novel_core.errors import UsageError

PARSERS = ("selectors", "code")
#: The questions with a fixed set of answers.
CHOICES = ("kind", "parser")

_Check = Callable[[str, str], str | None]

_PACKAGE = Path(__file__).parent.parent
#: In an installed package, and in a copy of the repository.
_PLACES = (_PACKAGE / "template", _PACKAGE.parents[2] / "plugins" / "_template")


@click.command()
@click.argument("source", metavar="[NAME]", required=False)
@click.option(
    "--family/--no-family",
    default=None,
    help="Whether it is a family: many sites that run one software.",
)
@click.option("--title", help="Title of the site, or of the software.")
@click.option("--homepage", help="URL of the site; of a family, that of one of its sites.")
@click.option("--language", help="Language of most of its novels: en, pt-BR; mul for several.")
@click.option("--author", help="Your name.")
@click.option("--email", help="Your e-mail address.")
@click.option(
    "--parser",
    type=click.Choice(PARSERS),
    help="How the parser is written: a table of selectors, or code.",
)
@click.option("--spider/--no-spider", default=None, help="Whether to add a spider.")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current one",
    help="Folder to create the project in.",
)
@click.option(
    "--no-input", is_flag=True, help="Ask no questions: use the defaults of what is not given."
)
@json_output()
def new(
    output_dir: Path,
    no_input: bool,
    as_json: bool,
    family: bool | None,
    **given: str | bool | None,
) -> None:
    """Create the project of a source plugin, or of a family of sites, called novel-NAME.

    NAME is permanent, since every library keeps it: lower-case letters, digits, - and _.
    Asks for it, and for the options that are not given. The project can be installed at once, and
    passes its tests except one, which lists what is left to do.
    """
    if importlib.util.find_spec("cookiecutter") is None:
        raise UsageError(
            "`novel new` needs cookiecutter, which is not installed.",
            hint="Install it: pip install 'novel-core[kit]'",
        )
    template = find_template()
    if family is not None or no_input:
        given["kind"] = "family" if family else "source"
    answers = _answers(template, given, ask=not no_input)
    source = str(answers["source"])
    _refuse_taken(source)
    project = output_dir / f"novel-{source}"
    if project.exists() or project.is_symlink():
        raise UsageError(
            f"{project} exists already.", hint="Move it away, or choose another --output-dir."
        )
    project = _generate(template, answers, output_dir)
    if as_json:
        print_json({"source": source, "kind": answers["kind"], "path": str(project)})
        return
    say(f"Created {project}. In that folder:")
    say("  python -m pip install -e '.[dev]'")
    say("  pytest        (tests/test_todo.py lists what is left to do)")


def find_template() -> Path:
    """The folder of the template; UsageError if this installation has none."""
    for place in _PLACES:
        if (place / "cookiecutter.json").is_file():
            return place
    raise UsageError(
        "The template of a source plugin is not part of this installation.",
        hint="Install novel-core from a released package, or run it from a copy of the repository.",
    )


def _answers(
    template: Path, given: Mapping[str, str | bool | None], *, ask: bool
) -> dict[str, str | bool]:
    """The answer to each question of the template: given, prompted for, or the default."""
    # The template's check of an answer: its problem in words, or None.
    problem: _Check = runpy.run_path(str(template / "source_answers.py"))["problem"]
    _refuse_bad(given, problem)
    described = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    words: dict[str, Any] = described["__prompts__"]
    answers: dict[str, str | bool] = {}
    for question, raw in described.items():
        if question.startswith("_"):
            continue
        answer = given.get(question)
        if answer is None:
            default = _default(raw, answers)
            answer = _prompt(question, words[question], default, problem) if ask else default
        answers[question] = answer
    # A default may be derived from an answer, and be wrong as well.
    _refuse_bad(answers, problem)
    return answers


def _refuse_bad(answers: Mapping[str, str | bool | None], problem: _Check) -> None:
    for question, answer in answers.items():
        if isinstance(answer, str) and (message := problem(question, answer)):
            raise UsageError(message)


def _default(raw: Any, answers: Mapping[str, str | bool]) -> str | bool:
    """The default as in cookiecutter: the first choice, or a text that may use earlier answers."""
    from cookiecutter.environment import StrictEnvironment
    from cookiecutter.prompt import render_variable

    if isinstance(raw, list):
        return str(raw[0])
    default: str | bool = render_variable(StrictEnvironment(), raw, dict(answers))
    return default


def _prompt(
    question: str,
    words: str | dict[str, str],
    default: str | bool,
    problem: _Check,
) -> str | bool:
    """Prompt until the answer is valid; on standard error, since standard output has the result."""
    if isinstance(default, bool):
        return click.confirm(str(words), default=default, err=True)
    if isinstance(words, dict):
        choices = click.Choice([name for name in words if not name.startswith("_")])
        for name in choices.choices:
            say(f"  {words[name]}", err=True)
        return str(click.prompt(words["__prompt__"], default=default, type=choices, err=True))
    while True:
        answer = str(click.prompt(words, default=default, err=True)).strip()
        message = problem(question, answer)
        if message is None:
            return answer
        say(message, err=True)


def _refuse_taken(source: str) -> None:
    """UsageError if a source or a module of that name is installed: one would shadow the other."""
    from novel_core.hookspecs import ENTRY_POINT_GROUP
    from novel_core.registry.discovery import find_candidates

    module = f"novel_{source.replace('-', '_')}"
    for candidate in find_candidates(ENTRY_POINT_GROUP):
        if candidate.name.replace("-", "_") == source.replace("-", "_"):
            raise UsageError(
                f"The source {candidate.name} is installed already,"
                f" by {candidate.distribution.name}.",
                hint="Choose another name, or uninstall that one first.",
            )
    if importlib.util.find_spec(module) is not None:
        raise UsageError(
            f"The package {module} is installed already.",
            hint="Choose another name for the source.",
        )


def _generate(template: Path, answers: Mapping[str, str | bool], output_dir: Path) -> Path:
    from cookiecutter.exceptions import CookiecutterException
    from cookiecutter.main import cookiecutter

    context = {
        question: answer if isinstance(answer, bool) or question in CHOICES else literal(answer)
        for question, answer in answers.items()
    }
    with tempfile.TemporaryDirectory(prefix="novel-new-") as folder:
        # Its own configuration: the user's defaults and earlier answers are not used.
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps({"replay_dir": folder, "cookiecutters_dir": folder}))
        # A copy without compiled files, which would be copied into the project.
        copy = Path(folder) / "template"
        shutil.copytree(template, copy, ignore=shutil.ignore_patterns("__pycache__"))
        try:
            made = cookiecutter(
                str(copy),
                no_input=True,
                extra_context=context,
                output_dir=str(output_dir),
                config_file=str(config),
            )
        except (CookiecutterException, OSError) as error:
            raise UsageError(f"The project could not be written: {error}") from error
    return Path(made)


def literal(answer: str) -> str:
    r"""A template that renders to exactly `answer`, since cookiecutter renders every answer.

    >>> literal("{{ 1 }}")
    '{{ "\\U0000007b\\U0000007b\\U00000020\\U00000031\\U00000020\\U0000007d\\U0000007d" }}'
    """
    return '{{ "' + "".join(f"\\U{ord(character):08x}" for character in answer) + '" }}'
