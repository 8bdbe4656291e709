"""Texts of errors for readers of the web pages: what went wrong, and what they can do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The text of an error: `headline` is a sentence, `advice` says what to do next."""

    headline: str
    advice: str


#: By code: a job's row keeps only that.
_TEXTS = {
    # The URL that was typed
    "invalid_url": ("This is not a web address.", "Copy the whole address, from https:// on."),
    "unsupported_url": (
        "No installed source supports this address.",
        "Copy the address of a novel's page or chapter. “Sites” lists the supported sites.",
    ),
    "not_recognised": (
        "The site runs no software that the library knows.",
        "Check in a browser that the address is a novel's page.",
    ),
    "site_removed": (
        "The library's operator has removed this site.",
        "What was saved stays in the library.",
    ),
    "site_known": ("The library reads this site already.", "Add the novel's address."),
    "hosts_unconfirmed": (
        "The site is read from other hosts too.",
        "The library's operator confirms those that belong to the site.",
    ),
    "requests_spent": (
        "The site took more requests than a first look may send.",
        "Open the address in a browser: the site redirects or fails too often.",
    ),
    "proof_failed": (
        "The site was not added: what was read is no whole novel.",
        "Try the page of another novel of the site.",
    ),
    "site_refused": (
        "The library does not read this site.",
        "Read it in a browser.",
    ),
    "ambiguous_url": (
        "Two sources support this address.",
        "The library's operator must switch one of them off.",
    ),
    "invalid_setting": ("A setting of the library is wrong.", "Tell the library's operator."),
    # The library and its jobs
    "unknown_novel": ("This novel is not in the library.", "It was removed, or never added."),
    "ambiguous_novel": ("More than one novel has this name.", "Search for it in the library."),
    "unknown_chapter": ("The novel has no such chapter.", "The novel's page lists its chapters."),
    "chapter_not_held": (
        "This chapter is not in the library.",
        "Read it at the site; an update may add it.",
    ),
    "unknown_image": ("This picture is not in the library.", "An update requests it again."),
    "unknown_genre": ("No novel here has this genre.", "Search the library instead."),
    "unknown_source": ("There is no such source.", "“Sites” lists those that can be read."),
    "unknown_author": ("There is no such author here.", "Search the library instead."),
    "nothing_to_export": ("There is no text to download.", "The novel's page lists its chapters."),
    "unknown_job": ("There is no such job.", "“Activity” lists the jobs."),
    "job_not_open": (
        "This job cannot be cancelled.",
        "It has ended, or is being saved at this moment.",
    ),
    "nothing_to_retry": (
        "There is nothing to try again.",
        "The job lacks nothing, or another job of the same novel is open.",
    ),
    # The request
    "request_refused": ("The request was damaged.", "Load the page again, then try once more."),
    "invalid_request": ("This address has a wrong part.", "Check it for typing errors."),
    "unknown_address": ("There is no such page.", "The address may be mistyped or out of date."),
    "method_refused": ("This page cannot be used like that.", "Open it from the library."),
    "request_too_large": ("The form was too large.", "Send less text."),
    "address_too_long": ("The address was too long.", "Shorten it."),
    "headers_too_large": (
        "The browser sent too much with the request.",
        "Delete this site's cookies, then load the page again.",
    ),
    "request_too_slow": (
        "The request took too long to arrive.",
        "Check your connection, then load the page again.",
    ),
    "idempotency_mismatch": (
        "This was sent before with other contents.",
        "Load the page again, then try once more.",
    ),
    # Who may do what
    "key_required": ("Please sign in.", "The library is open to people who have one of its keys."),
    "scope_missing": (
        "Your key does not allow this.",
        "Sign in with a key that does; the library's operator makes keys.",
    ),
    "local_only": (
        "This library can only be used on its own machine.",
        "Its operator must make a key first: novel keys create NAME --scope ingest",
    ),
    "origin_refused": (
        "The form was not accepted.",
        "Open the library's own page and send the form from there.",
    ),
    "host_refused": (
        "The library does not answer to this name.",
        "Its operator can add the name to NOVEL_API_HOSTS.",
    ),
    "too_many_requests": (
        "Too many requests in a short time.",
        "Wait a minute, then load the page again.",
    ),
    "too_busy": ("The library is busy right now.", "Load the page again in a few seconds."),
    # The site
    "not_found": (
        "The site has no such novel or chapter.",
        "Open the address in a browser to check it. What was saved before is kept.",
    ),
    "moved": (
        "The site keeps another novel at this address now.",
        "Open the address in a browser; if it is the same novel, add the new address.",
    ),
    "login_required": (
        "The site shows this to signed-in members only.",
        "Only public pages are read; nothing can be done here.",
    ),
    "blocked": (
        "The site does not let programs in right now.",
        "Wait some hours, then try again. Bot walls are never circumvented.",
    ),
    "locked": (
        "The site shows this to some readers only.",
        "It is requested again after a day; only public pages are read.",
    ),
    "gated": (
        "The site asks its readers to confirm something first.",
        "Read it at the site. The library's operator can allow the confirmation.",
    ),
    "maintenance": (
        "The site is closed for maintenance.",
        "Try again later; what was fetched is kept.",
    ),
    "page_changed": (
        "The site's pages have changed.",
        "The source needs an update by its author. What was saved before is kept.",
    ),
    "page_broken": ("The site sent a damaged page.", "Try again later."),
    "page_too_slow": (
        "A page took too long to read.",
        "The library's operator can report it to the source's author.",
    ),
    "page_too_large": (
        "A page was larger than allowed.",
        "The library's operator can raise the limit.",
    ),
    "redirect_refused": (
        "The site redirects this address to another site.",
        "Open it in a browser and copy the address you arrive at.",
    ),
    "address_refused": (
        "This address is inside a private network.",
        "Such addresses are refused for safety.",
    ),
    "not_yet": (
        "The page is not published yet.",
        "Nothing is wrong: it is requested again later, automatically.",
    ),
    "rate_limited": (
        "The site asks for a pause.",
        "Try again later; the job continues where it stopped.",
    ),
    "site_unavailable": (
        "The site does not respond.",
        "Try again later; what was fetched is kept.",
    ),
    "source_error": ("The site's response could not be used.", "Try again later."),
    # The service
    "plugin_error": (
        "The source for this site is broken.",
        "Report it to the library's operator; “Sites” shows the error.",
    ),
    "cancelled": ("The job was cancelled.", "Try again to continue where it stopped."),
    "stopped": ("The job was interrupted.", "Try again; it continues where it stopped."),
    "lease_lost": ("Another process has taken over the job.", "Look at the job again in a moment."),
    "deadline_passed": (
        "The job took longer than allowed.",
        "Try again; it continues where it stopped.",
    ),
    "worker_died": (
        "The worker process crashed several times.",
        "Try again; if it happens again, tell the library's operator.",
    ),
    "runs_alone": (
        "The worker process ran out of memory.",
        "Nothing is wrong with this job; it is run again automatically.",
    ),
    "out_of_memory": (
        "The job needs more memory than allowed.",
        "The library's operator can raise the limit.",
    ),
    "job_error": ("The job failed.", "Try again later."),
    "storage_full": (
        "The library's disk is full.",
        "Its operator must free some space. Nothing saved was lost.",
    ),
    "storage_error": (
        "The library's database does not respond.",
        "Load the page again in a few seconds.",
    ),
    "queue_error": (
        "The queue does not respond.",
        "Jobs are safe and wait; “Status” shows when it is back.",
    ),
}


def error_text(code: str, message: str = "", hint: str = "") -> ErrorText:
    """Return the text of a code, or the error's own message and hint for a plugin's code.

    >>> error_text("site_unavailable").headline
    'The site does not respond.'
    >>> error_text("a_plugins_own", "The moon is full.", "Wait.")
    ErrorText(headline='The moon is full.', advice='Wait.')
    """
    text = _TEXTS.get(code)
    return ErrorText(*text) if text else ErrorText(message or "Something went wrong.", hint)
