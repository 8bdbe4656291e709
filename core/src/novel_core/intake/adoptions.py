"""Adding a site that nobody has listed: the job that proves it, and the word that adds it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from novel_core.adoption.added import (
    AdoptionView,
    add_site,
    load_adoption,
    newest_proof,
    recent_proof,
    save_wishes,
)
from novel_core.adoption.any_page import AnyPage
from novel_core.adoption.places import check_place
from novel_core.adoption.recognition import families_asked
from novel_core.adoption.wishes import Wishes
from novel_core.intake.novel_job import Submission, find_or_insert
from novel_core.intake.target import Target
from novel_core.jobs.options import JobOptions
from novel_core.registry import Registry
from novel_core.settings import Settings
from novel_core.source import UrlKind, UrlMatch
from novel_core.states import ADOPTION, JobState
from novel_core.urls import normalize_url


def adopt(
    session: Session,
    registry: Registry,
    settings: Settings,
    url: str,
    wishes: Wishes | None = None,
) -> Submission:
    """Return the job that proves the site of `url`, an address of one of its novels.

    Nothing is requested here. A job for the same address that waits takes over the wishes; a proof
    holds for a day, and with `yes` its site is added at once. Raise
    InvalidUrl, AddressRefused, SiteRefused, SiteKnown where a source or site reads it already, or
    UnsupportedUrl where no family is installed.

    >>> first = adopt(session, registry, settings, "https://unlisted.example/t/1")
    >>> adopt(session, registry, settings, "https://unlisted.example/t/1").job_id == first.job_id
    True
    >>> adopt(session, registry, settings, "https://toy.example/works/1")
    Traceback (most recent call last):
    novel_core.errors.SiteKnown: Toy Site is read already, as toysite.
    """
    wishes = wishes or Wishes()
    wishes.check()
    address = check_adoption(registry, settings, url, wishes.family)
    proved = recent_proof(session, address, wishes)
    if proved is not None:
        if wishes.yes:
            add_site(session, proved)
        return Submission(proved, JobState.DONE, created=False)
    match = UrlMatch(UrlKind.NOVEL, address)
    target = Target(url.strip(), ADOPTION, match, AnyPage(address).info)
    submission = find_or_insert(session, settings, target, JobOptions())
    if submission.created or submission.status is JobState.QUEUED:
        save_wishes(session, submission.job_id, wishes)
    return submission


def check_adoption(
    registry: Registry, settings: Settings, url: str, family: str | None = None
) -> str:
    """Return the normalised `url`; raise what `adopt` raises where its site cannot be added.

    >>> check_adoption(registry, settings, "https://Unlisted.example/t/1")
    'https://unlisted.example/t/1'
    """
    address = normalize_url(url)
    check_place(registry, settings, address)
    families_asked(registry.families.values(), family)
    return address


def adoption(session: Session, job_id: int) -> AdoptionView:
    """Return the adoption of a job: its state, its report, and the site once that is added.

    >>> job_id = adopt(session, registry, settings, "https://unlisted.example/t/1").job_id
    >>> adoption(session, job_id).job.status, adoption(session, job_id).report
    ('queued', None)
    """
    return load_adoption(session, job_id)


def proof_of_site(session: Session, name: str) -> AdoptionView | None:
    """Return the newest proof of the site called `name`; None where it was not proved.

    >>> proof_of_site(session, "unlisted-example") is None
    True
    """
    job_id = newest_proof(session, name)
    return None if job_id is None else load_adoption(session, job_id)


def confirm(session: Session, job_id: int) -> str:
    """Add the site that the job has proved, and return its permanent name.

    Raise UnknownJob, or UsageError where nothing is proved or the verdict is against it.

    >>> job_id = adopt(session, registry, settings, "https://unlisted.example/t/1").job_id
    >>> confirm(session, job_id)
    Traceback (most recent call last):
    novel_core.errors.UsageError: Job ... has not proved its site.
    """
    return add_site(session, job_id)
