"""Every error of the engine, one tree. `novel_api.errors` adds those of HTTP.

```
NovelError
├── UsageError                 the request cannot be carried out
│   ├── InvalidUrl             not a URL we can accept
│   ├── UnsupportedUrl         no installed source handles it
│   │   ├── NotRecognised      the site runs none of the installed families' software
│   │   ├── SiteRefused        its host is known and never asked
│   │   ├── SiteRemoved        an operator has removed its site
│   │   └── UnknownSource      no source, family or site has that name
│   ├── AmbiguousUrl           two sources match it
│   ├── SiteKnown              a source or site reads it already
│   ├── HostsUnconfirmed       the site needs hosts that nobody has confirmed
│   ├── UnknownNovel           no such novel in the library
│   │   └── AmbiguousNovel     more than one has that name
│   ├── UnknownChapter         the novel has no such chapter, or the chapter no such version
│   ├── ChapterNotHeld         the chapter is listed, but has no text in the library
│   ├── UnknownImage           the novel has no such image, or none that can be shown
│   ├── UnknownGenre           no novel of the library has the genre
│   ├── UnknownAuthor          no such author in the library
│   ├── UnknownJob             no such job
│   ├── JobNotOpen             the job has ended: it cannot be cancelled
│   ├── NothingToRetry         the job has not ended, or lacks nothing
│   ├── InvalidSetting         a setting or environment variable is wrong
│   ├── UnreadableRecording    the files of a recorded page are invalid
│   ├── RecordingExists        a recorded page would be overwritten
│   ├── FileUnusable           a file cannot be read or written
│   ├── FileTaken              a file would be overwritten
│   ├── NothingToExport        the novel, or the selected part, has no text
│   ├── UnreadableWarc         a WARC file is damaged, or not one
│   ├── IncompleteWarc         a WARC file lacks what an import needs
│   ├── UnreadableBackup       a backup is damaged, or not one
│   ├── BackupMismatch         a backup's schema is unknown to this version
│   └── LibraryNotEmpty        a restore would replace a library that is not empty
├── PluginError                a source plugin broke the contract
├── SourceError                the site did not deliver the page
│   ├── NotFound               the page does not exist (any more)
│   ├── NovelMoved             the site keeps the novel under another id now
│   ├── LoginRequired          the page is behind a login or a payment
│   ├── Locked                 a chapter that is paid, early access or for members
│   ├── Gated                  the page asks to confirm something first
│   ├── Blocked                a bot wall or robots.txt refuses the request
│   ├── PageChanged            the page lacks a mandatory part
│   ├── PageBroken             the page is truncated, binary or nested too deep
│   ├── PageTooLarge           the page is over the size limit
│   ├── PageTooSlow            parsing the page took too long
│   ├── RedirectRefused        a redirect left the source's hosts, or did not end
│   ├── AddressRefused         the host is at a private address
│   ├── ProofFailed            what a site gives is no whole novel
│   ├── RequestsSpent          as many requests as are allowed were sent
│   ├── NotYet                 the page is not published yet            (retry helps, later)
│   ├── RateLimited            the site asks for a pause                (retry helps)
│   ├── Maintenance            the site is closed for maintenance       (retry helps)
│   └── SiteUnavailable        network failure or server error          (retry helps)
├── JobError                   a job cannot go on
│   ├── LeaseLost              another process has taken the job over
│   ├── JobStopped             stopped: the job is queued again         (retry helps)
│   │   └── RunsAlone          its process used too much memory, it is run again alone
│   ├── DeadlinePassed         it took too long                         (retry helps)
│   ├── WorkerDied             the process that ran it died too often
│   ├── OutOfMemory            it needs more memory than a job may use
│   └── JobCancelled           a person cancelled it
├── StorageError               the database refused                     (retry may help)
│   └── StorageFull            no space left
├── QueueError                 Redis cannot be reached                  (retry helps)
└── ServiceError               an embedded server could not be started or reached
```

An error says what happened (`str(error)`), what to do next (`hint`), whether trying again can help
(`retryable`), a stable machine-readable `code`, and the exit code the command line ends with.

>>> error = NotFound("There is no fiction 7 at Royal Road.")
>>> error.code, error.exit_code, error.retryable
('not_found', 5, False)
"""

from __future__ import annotations

from typing import ClassVar

from novel_core.requests import PageRequest


class NovelError(Exception):
    """Base of all errors: `message` is one line for a person, `hint` says what to do next."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint


class UsageError(NovelError):
    code = "usage"
    exit_code = 2


class InvalidUrl(UsageError):
    code = "invalid_url"
    default_hint = "Give the full address of a novel or chapter, starting with https://"


class UnsupportedUrl(UsageError):
    code = "unsupported_url"
    default_hint = "Run `novel sources` to see which sites are supported."


class SiteRefused(UnsupportedUrl):
    """The URL is at a host that is known and never asked."""

    code = "site_refused"
    default_hint = "Nothing was requested. Read it in a browser."


class NotRecognised(UnsupportedUrl):
    code = "not_recognised"
    exit_code = 5
    default_hint = (
        "Check in a browser that the address is a novel's page; `novel sources` lists the families."
    )


class SiteRemoved(UnsupportedUrl):
    code = "site_removed"
    default_hint = "Its novels stay; `novel sites add` with an address of it adds it again."


class UnknownSource(UnsupportedUrl):
    code = "unknown_source"
    exit_code = 5
    default_hint = "`novel sources` lists the sources and families."


class AmbiguousUrl(UsageError):
    code = "ambiguous_url"
    default_hint = "Disable one of them with NOVEL_DISABLED_SOURCES."


class SiteKnown(UsageError):
    """`name` is that of the source or site that reads the address."""

    code = "site_known"
    default_hint = "Nothing has to be added: give the address to `novel ingest`."

    def __init__(self, message: str, *, name: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.name = name


class HostsUnconfirmed(UsageError):
    """`hosts` are those besides the given one that the site's pages would be requested from."""

    code = "hosts_unconfirmed"
    default_hint = "Confirm them if you know that they belong to the site: `novel sites add` asks, or takes --yes."

    def __init__(self, message: str, *, hosts: tuple[str, ...], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.hosts = hosts


class UnknownNovel(UsageError):
    code = "unknown_novel"
    exit_code = 5
    default_hint = "Run `novel novels` to list the library."


class AmbiguousNovel(UnknownNovel):
    code = "ambiguous_novel"
    exit_code = 2
    default_hint = "Give its slug, or its id written id:7."


class UnknownChapter(UsageError):
    code = "unknown_chapter"
    exit_code = 5
    default_hint = "Run `novel show` for the chapter list."


class ChapterNotHeld(UsageError):
    """`state` says why there is no text: `locked`, `missing` or `removed`."""

    code = "chapter_not_held"
    exit_code = 5
    default_hint = "Read it at the site, or run `novel ingest` again later."

    def __init__(self, message: str, *, state: str = "missing", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.state = state


class UnknownImage(UsageError):
    code = "unknown_image"
    exit_code = 5
    default_hint = "An update fetches missing images."


class UnknownGenre(UsageError):
    code = "unknown_genre"
    exit_code = 5
    default_hint = "Check the spelling; `novel show` lists a novel's genres."


class UnknownAuthor(UsageError):
    code = "unknown_author"
    exit_code = 5
    default_hint = "Run `novel novels` to list the novels with their authors."


class UnknownJob(UsageError):
    code = "unknown_job"
    exit_code = 5
    default_hint = "Run `novel jobs` to list the jobs."


class JobNotOpen(UsageError):
    code = "job_not_open"
    default_hint = "`novel job` shows it; submit the URL again for an update."


class NothingToRetry(UsageError):
    code = "nothing_to_retry"
    default_hint = "Only a job that ended with an error or with gaps can be retried."


class InvalidSetting(UsageError):
    code = "invalid_setting"
    default_hint = "Correct the environment variable or the line in .env."


class UnreadableRecording(UsageError):
    code = "unreadable_recording"
    default_hint = "Record the page again with `novel record URL --update`."


class RecordingExists(UsageError):
    code = "recording_exists"
    default_hint = "Give --update to replace it, or --name for another one."


class FileUnusable(UsageError):
    code = "file_unusable"
    default_hint = "Check the path, its permissions and the free space."


class NothingToExport(UsageError):
    code = "nothing_to_export"
    exit_code = 5
    default_hint = "Run `novel show` for the chapter list."


class FileTaken(UsageError):
    code = "file_taken"
    default_hint = "Give --force to replace it, or another name."


class UnreadableWarc(UsageError):
    code = "unreadable_warc"
    default_hint = "Check it with `fastwarc check FILE`; nothing of it was imported."


class IncompleteWarc(UsageError):
    code = "incomplete_warc"
    default_hint = "Archive the novel's own page with every page of its chapter list, or run `novel ingest URL`."


class UnreadableBackup(UsageError):
    code = "unreadable_backup"
    default_hint = "Use another copy of it; the library is unchanged."


class BackupMismatch(UsageError):
    code = "backup_mismatch"
    default_hint = "Restore it with the version of novel-core that made it, or a newer one."


class LibraryNotEmpty(UsageError):
    code = "library_not_empty"
    default_hint = "Give --force to replace it; run `novel backup` first to keep a copy."


class PluginError(NovelError):
    code = "plugin_error"
    default_hint = "Report it to the plugin's author; `novel sources` names the package."


class SourceError(NovelError):
    """The site did not deliver the page. `url` is its URL, if known."""

    code = "source_error"

    def __init__(self, message: str, *, url: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.url = url


class NotFound(SourceError):
    code = "not_found"
    exit_code = 5
    default_hint = "Check the address in a browser; what was saved before is kept."


class NovelMoved(SourceError):
    """The site has led to the novel at `new_url`; `is_same` if its chapters say that it is the same."""

    code = "moved"
    exit_code = 5
    default_hint = "Ingest the address that the novel has now."

    def __init__(self, message: str, *, new_url: str, is_same: bool) -> None:
        hint = f"`novel ingest {new_url}` saves it from there, as a novel of its own."
        super().__init__(message, url=new_url, hint=hint)
        self.new_url = new_url
        self.is_same = is_same


class LoginRequired(SourceError):
    code = "login_required"
    exit_code = 4
    default_hint = "This project does not log in or pay for you; only public pages are read."


class Locked(SourceError):
    """A chapter that the site does not show to everybody: paid, early access, for members."""

    code = "locked"
    exit_code = 4
    default_hint = "Only public pages are read; it is requested again after a day."


class Gated(SourceError):
    """The page asks a reader to confirm something first, as an age.

    `confirm` is the request that confirms it, its link taken from the page: it is made once for the
    page, and only if the user allows it.
    """

    code = "gated"
    exit_code = 4
    default_hint = "Open the page in a browser to see what it asks."

    def __init__(
        self,
        message: str,
        *,
        confirm: PageRequest | None = None,
        url: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, url=url, hint=hint)
        self.confirm = confirm


class Blocked(SourceError):
    code = "blocked"
    exit_code = 4
    default_hint = (
        "The site refuses automated readers now; wait some hours and do not raise the rate."
    )


class PageChanged(SourceError):
    """The page lacks a mandatory part. `selector` is the selector that found nothing."""

    code = "page_changed"
    exit_code = 6
    default_hint = "The site's layout may have changed: update the source plugin, then run again."

    def __init__(
        self,
        message: str,
        *,
        url: str | None = None,
        selector: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(
            f"{message} (looked for {selector})" if selector else message, url=url, hint=hint
        )
        self.selector = selector


class PageBroken(SourceError):
    code = "page_broken"
    exit_code = 6
    retryable = True
    default_hint = "Run again later; if it stays, the site serves a damaged page."


class PageTooLarge(SourceError):
    code = "page_too_large"
    default_hint = (
        "Raise NOVEL_MAX_PAGE_BYTES or NOVEL_MAX_INDEX_BYTES if the page is really that large."
    )


class PageTooSlow(SourceError):
    code = "page_too_slow"
    exit_code = 6
    default_hint = "Report the page to the source's author; NOVEL_PAGE_TIMEOUT sets how long one page may take."


class RedirectRefused(SourceError):
    """`target` is the address that the redirect leads to, where it is one."""

    code = "redirect_refused"
    default_hint = "The site sends readers elsewhere; open the address in a browser to see where."

    def __init__(
        self,
        message: str,
        *,
        target: str | None = None,
        url: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, url=url, hint=hint)
        self.target = target


class AddressRefused(SourceError):
    code = "address_refused"
    default_hint = "Private addresses are refused; set NOVEL_ALLOW_PRIVATE_HOSTS=1 or NOVEL_HOST_MAP to allow it."


class ProofFailed(SourceError):
    """What a site gives is not enough to read novels from it."""

    code = "proof_failed"
    exit_code = 6
    default_hint = "Nothing was added. Try the page of another novel of the site."


class RequestsSpent(SourceError):
    code = "requests_spent"
    exit_code = 6
    default_hint = "The site redirects or fails too often; open the address in a browser."


class NotYet(SourceError):
    """The page is published in about `retry_after` seconds and is not requested before."""

    code = "not_yet"
    retryable = True
    default_hint = "Nothing is wrong: it is requested again later."

    def __init__(
        self,
        message: str,
        *,
        retry_after: float = 86_400.0,
        url: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, url=url, hint=hint)
        self.retry_after = retry_after


class RateLimited(SourceError):
    """The site asks for a pause of `retry_after` seconds."""

    code = "rate_limited"
    retryable = True
    default_hint = "Run again after the pause the site asks for."

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        url: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, url=url, hint=hint)
        self.retry_after = retry_after


class Maintenance(SourceError):
    """The site is closed for a while: about `retry_after` seconds, if it says so."""

    code = "maintenance"
    retryable = True
    default_hint = "Run again later: fetched pages are kept."

    def __init__(
        self,
        message: str,
        *,
        retry_after: float = 0.0,
        url: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, url=url, hint=hint)
        self.retry_after = retry_after


class SiteUnavailable(SourceError):
    code = "site_unavailable"
    retryable = True
    default_hint = "Check your network, or run again later: fetched pages are kept."


class JobError(NovelError):
    code = "job_error"


class LeaseLost(JobError):
    code = "lease_lost"
    default_hint = "Another process runs this job now; follow it with `novel job`."


class JobStopped(JobError):
    code = "stopped"
    retryable = True
    default_hint = "Run the same command again: it resumes where it stopped."


class RunsAlone(JobStopped):
    """A process of several jobs used too much memory; any of them may be the reason."""

    code = "runs_alone"
    default_hint = "It is run again automatically, in a process of its own."


class DeadlinePassed(JobError):
    """The attempt took longer than the job's timeout."""

    code = "deadline_passed"
    retryable = True
    default_hint = "Raise NOVEL_JOB_TIMEOUT, or the job's own timeout; fetched pages are kept."


class WorkerDied(JobError):
    code = "worker_died"
    default_hint = (
        "The job may need more memory than there is; see the worker's log, then retry the job."
    )


class OutOfMemory(JobError):
    code = "out_of_memory"
    default_hint = (
        "Raise NOVEL_JOB_MEMORY if the novel is that large, then retry the job;"
        " else report it to the source's author."
    )


class JobCancelled(JobError):
    code = "cancelled"
    default_hint = "Submit the URL again to start over; fetched pages are kept for a while."


class StorageError(NovelError):
    code = "storage_error"
    retryable = True
    default_hint = "Run `novel doctor`."


class StorageFull(StorageError):
    code = "storage_full"
    default_hint = "Free some disk space, then run again: nothing saved was changed."


class QueueError(NovelError):
    code = "queue_error"
    retryable = True
    default_hint = "Check REDIS_URL and the server; queued jobs are safe in the database."


class ServiceError(NovelError):
    code = "service_error"
    default_hint = "Run `novel doctor`, or set DATABASE_URL and REDIS_URL to your own servers."


def _all_classes(base: type[NovelError]) -> list[type[NovelError]]:
    return [base, *(found for sub in base.__subclasses__() for found in _all_classes(sub))]


def exit_code_of(code: str | None) -> int:
    """The exit code of an error known by its `code` only, as a job's row keeps it.

    >>> exit_code_of("page_changed"), exit_code_of(None)
    (6, 1)
    """
    classes = (found for found in _all_classes(NovelError) if found.code == code)
    return next(classes, NovelError).exit_code
