"""What a user says about a site that is to be added."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from novel_core.errors import UsageError
from novel_core.sites.fields import hosts_problem, language_problem


class Wishes(BaseModel):
    """`family` is the only one to ask; `title` and `language` are the site's.

    `hosts` are confirmed besides the given one. With `yes` all hosts that the site shows are
    confirmed, and the site is added by the job itself. `shown` are those that the last attempt has
    shown, and that are to be confirmed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str | None = None
    title: str | None = None
    language: str | None = None
    hosts: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    yes: bool = False

    def check(self) -> None:
        """Raise UsageError for a language or a host that is none.

        >>> Wishes(language="in English").check()
        Traceback (most recent call last):
        novel_core.errors.UsageError: 'in English' is not a language tag such as en or pt-BR.
        """
        problem = language_problem(self.language) or hosts_problem(self.hosts)
        if problem:
            raise UsageError(f"{problem}.", hint="Correct it, or leave it out.")
