"""The checks of the answers to the template's questions, and the values derived from them.

It imports nothing of the engine, since `cookiecutter` runs it without; `novel new` runs it before
anything is written.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

#: The rule of the engine's registry.
SOURCE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
#: The packages of these names are the project's own.
RESERVED = frozenset({"api", "core", "ingestion", "worker"})

_HOST = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)")
_PATH = re.compile(r"[A-Za-z0-9._~/-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?P<host>\S+)"
)
#: Control characters, halves of characters, and what breaks a line.
_NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LONGEST_LINE = 200


def problems(answers: Mapping[str, object]) -> list[str]:
    """The problems of the answers, one sentence each."""
    found = (problem(question, str(answers.get(question, ""))) for question in _CHECKS)
    return [sentence for sentence in found if sentence]


def problem(question: str, answer: str) -> str | None:
    """The problem of one answer, or None."""
    check = _CHECKS.get(question)
    return check(answer) if check else None


def safe_name(source: str, separator: str = "-") -> str:
    """The name of a folder (or, with `_`, of a module), safe also for a name that is refused.

    >>> safe_name("../wuxia"), safe_name("wuxia-world", "_")
    ('-wuxia', 'wuxia_world')
    """
    kept = re.sub(r"[^a-z0-9_-]+", separator, source.lower())
    return kept.replace("-", "_") if separator == "_" else kept


def class_name(source: str) -> str:
    """The prefix of the class names.

    >>> class_name("wuxia-world"), class_name("69shu")
    ('WuxiaWorld', 'Site69shu')
    """
    words = "".join(word.capitalize() for word in re.split(r"[^a-z0-9]+", source.lower()))
    return f"Site{words}" if words[:1].isdigit() else words


def origin(homepage: str) -> str:
    """The scheme and host of the homepage; empty for one that is refused.

    >>> origin("https://www.Example.org/novels")
    'https://www.example.org'
    """
    try:
        parts = urlsplit(homepage)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else ""


def path(homepage: str) -> str:
    """The folder of the homepage, such as `/forum`; empty for one that is refused.

    >>> path("https://example.org/forum/"), path("https://example.org")
    ('/forum', '')
    """
    try:
        return urlsplit(homepage).path.rstrip("/")
    except ValueError:
        return ""


def site_name(homepage: str, family: str) -> str:
    """The name of a site of the family, from its address; never that of the family.

    >>> site_name("https://www.example.org/forum", "inkstand"), site_name("https://a.b", "a-b")
    ('example-org-forum', 'a-b-site')
    """
    address = (origin(homepage) + path(homepage)).partition("://")[2].removeprefix("www.")
    name = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:59].strip("-")
    return f"{name}-site" if name == family else name


def domains(address: str) -> tuple[str, ...]:
    """The host, and the same with or without `www.`

    >>> domains("https://example.org"), domains("https://read.example.org")
    (('example.org', 'www.example.org'), ('read.example.org',))
    """
    host = address.partition("://")[2]
    if host.startswith("www."):
        return (host, host.removeprefix("www."))
    return (host, f"www.{host}") if host.count(".") == 1 else (host,)


def _source(answer: str) -> str | None:
    if not SOURCE_NAME.fullmatch(answer):
        return (
            f"The source's name {answer!r} is not made of lower-case letters, digits, - and _,"
            " at most 64, with a letter or digit at both ends."
        )
    if keyword.iskeyword(answer) or keyword.issoftkeyword(answer):
        return f"The source's name {answer!r} is a keyword of Python."
    if answer in RESERVED:
        return (
            f"The source's name {answer!r} would make the package novel-{answer},"
            " which is the project's own."
        )
    return None


def _line(what: str) -> Callable[[str], str | None]:
    def check(answer: str) -> str | None:
        if not answer.strip():
            return f"The {what} is empty."
        if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in answer):
            return f"The {what} is not one line of text: {answer!r}."
        if len(answer) > _LONGEST_LINE:
            return f"The {what} is longer than {_LONGEST_LINE} characters."
        return None

    return check


def _homepage(answer: str) -> str | None:
    advice = "write https:// and a host, such as https://www.example.org"
    try:
        parts = urlsplit(answer)
        is_plain = answer.isascii() and answer.isprintable() and " " not in answer
        plain = (
            is_plain and parts.netloc.lower() == parts.hostname and not parts.query + parts.fragment
        )
        has_host = parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.hostname or "")
        good = plain and has_host and _PATH.fullmatch(parts.path)
    except ValueError:
        good = None
    return None if good else f"{answer!r} is not the URL of a site: {advice}."


def _language(answer: str) -> str | None:
    if _LANGUAGE.fullmatch(answer):
        return None
    return f"The language {answer!r} is not a tag such as en, pt-BR or zh-Hans."


def _email(answer: str) -> str | None:
    found = _EMAIL.fullmatch(answer)
    if found and _HOST.fullmatch(found["host"].lower()):
        return None
    return f"{answer!r} is not an e-mail address."


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "source": _source,
    "title": _line("title"),
    "homepage": _homepage,
    "language": _language,
    "author": _line("author's name"),
    "email": _email,
}
