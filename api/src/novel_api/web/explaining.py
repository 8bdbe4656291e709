"""What went wrong, and what a reader can do about it: in words for somebody who runs no commands and reads no logs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """`headline` is a sentence; `advice` may be empty where nothing helps but waiting."""

    headline: str
    advice: str


_WORDS = {
    # The address
    "invalid_url": ("That is not a web address.", "Copy the whole address, from https:// on."),
    "unsupported_url": (
        "No installed source knows this address.",
        "Copy the address of the novel's own page, or of one of its chapters. “Sites” lists what is supported.",
    ),
    "ambiguous_url": (
        "Two sources claim this address.",
        "Whoever runs the library must switch one of them off.",
    ),
    # The library and its jobs
    "unknown_novel": ("That is not in the library.", "Perhaps it was removed, or never added."),
    "ambiguous_novel": ("More than one novel may be meant.", "Look for it in the library."),
    "unknown_chapter": ("The novel has no such chapter.", "Its page lists the chapters there are."),
    "chapter_not_held": ("This chapter is not in the library.", "Read it at the site; an update may bring it."),
    "unknown_image": ("That picture is not in the library.", "An update asks for it again."),
    "unknown_genre": ("No novel here has that genre.", "Look through the library instead."),
    "unknown_author": ("There is no such author here.", "Look through the library instead."),
    "unknown_job": ("There is no such job.", "“Activity” lists the jobs there are."),
    "unknown_address": ("There is no such page.", "The address may be mistyped or out of date."),
    "invalid_request": ("That request makes no sense here.", "Check the address for typing errors."),
    "job_not_open": ("That cannot be done to the job now.", "Look at the job again in a moment."),
    "nothing_to_retry": ("There is nothing to try again.", "The job lacks nothing, or another one is at work on the same novel."),
    # Who may do what
    "key_required": ("Please sign in.", "The library is open to those who have one of its keys."),
    "scope_missing": ("Your key does not allow that.", "Sign in with a key that has the right, or ask for one."),
    "local_only": ("This library is open on its own machine only.", "Whoever runs it must make a key first: novel keys create NAME --scope ingest"),
    "origin_refused": ("The form was not accepted.", "Load the page again and send the form from there."),
    "host_refused": ("The library does not answer to this name.", "Whoever runs it can add the name to NOVEL_API_HOSTS."),
    "too_many_requests": ("That was a lot at once.", "Wait a minute, then load the page again."),
    "too_busy": ("Too many people are looking on at the moment.", "Load the page again in a few seconds."),
    # The site
    "not_found": ("The site has no such novel or chapter.", "Open the address in a browser to see whether it is still there. What was saved before is kept."),
    "login_required": ("The site shows this to signed-in members only.", "Only public pages are read; nothing can be done about it here."),
    "blocked": ("The site does not let programs in at the moment.", "Leave it alone for some hours, then try again. Bot walls are never circumvented."),
    "page_changed": ("The site looks different from what the source expects.", "The source needs an update by its author. What was saved before is kept."),
    "page_broken": ("The site sent a damaged page.", "Try again later."),
    "page_too_slow": ("Reading a page did not end.", "Whoever runs the library can report it to the source's author."),
    "page_too_large": ("A page was larger than allowed.", "Whoever runs the library can raise the limit."),
    "redirect_refused": ("The site sends readers of this address elsewhere.", "Open it in a browser and copy the address you arrive at."),
    "address_refused": ("This address is inside a private network.", "Such addresses are refused for safety."),
    "not_yet": ("The page is not there yet.", "Nothing is wrong: it is asked for again later by itself."),
    "rate_limited": ("The site asks for a pause.", "Try again later; it goes on where it stopped."),
    "site_unavailable": ("The site does not answer.", "Try again later; what was fetched is kept."),
    "source_error": ("The site's answer could not be used.", "Try again later."),
    # The service
    "plugin_error": ("The source for this site is broken.", "Report it to whoever runs the library; “Sites” says what is wrong."),
    "cancelled": ("It was cancelled.", "Try again to go on where it stopped."),
    "stopped": ("It was interrupted.", "Try again; it goes on where it stopped."),
    "lease_lost": ("Another process has taken over.", "Look at the job again in a moment."),
    "deadline_passed": ("It took longer than allowed.", "Try again; it goes on where it stopped."),
    "worker_died": ("The program working on it died several times.", "Try again; if it happens again, tell whoever runs the library."),
    "job_error": ("The job failed.", "Try again later."),
    "storage_full": ("The library's disk is full.", "Whoever runs it must free some space. Nothing saved was lost."),
    "storage_error": ("The library's database does not answer.", "Load the page again in a few seconds."),
    "queue_error": ("The queue does not answer.", "Jobs are safe and wait; “Status” tells when it is back."),
}  # fmt: skip


def explain(code: str, message: str = "", hint: str = "") -> Explanation:
    """Our words for the code; the error's own where a plugin has codes of its own.

    >>> explain("site_unavailable").headline
    'The site does not answer.'
    >>> explain("a_plugins_own", "The moon is full.", "Wait.")
    Explanation(headline='The moon is full.', advice='Wait.')
    """
    words = _WORDS.get(code)
    return Explanation(*words) if words else Explanation(message or "Something went wrong.", hint)
