"""A job's way from a URL to a saved novel.

`submission` makes the job, `run` takes it through its stages: `crawling` → `parsing` → `saving` → `announcing`. `lifecycle` owns
every change of a job's state, `archive` the pages, `staging` the items between parser and save. `reparse`, `removal` and
`retention` work on what is saved.
"""
