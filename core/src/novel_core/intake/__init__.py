"""The one desk for requests about novels and jobs, from the command line, API, page and watches.

`target` says what a URL is about, `novel_job` finds or inserts the novel's job, `desk` and
`removal` carry out a request; `adoptions` adds sites, `site_list` lists and removes them. Each function works in the caller's transaction. After the commit of
a submission or a retry the caller wakes the queue.
"""

from novel_core.adoption.added import AdoptionView
from novel_core.adoption.wishes import Wishes
from novel_core.intake.adoptions import adopt, adoption, check_adoption, confirm, proof_of_site
from novel_core.intake.desk import cancel, read_recent_list, refresh, retry, submit, submit_import
from novel_core.intake.novel_job import Submission
from novel_core.intake.removal import RemovedNovel, remove
from novel_core.intake.site_list import RemovedSite, SiteView, remove_site, sites
from novel_core.intake.target import Target, resolve
from novel_core.watches import AddedWatch, unwatch, watch

__all__ = [
    "AddedWatch",
    "AdoptionView",
    "RemovedNovel",
    "RemovedSite",
    "SiteView",
    "Submission",
    "Target",
    "Wishes",
    "adopt",
    "adoption",
    "cancel",
    "check_adoption",
    "confirm",
    "proof_of_site",
    "read_recent_list",
    "refresh",
    "remove",
    "remove_site",
    "resolve",
    "retry",
    "sites",
    "submit",
    "submit_import",
    "unwatch",
    "watch",
]
