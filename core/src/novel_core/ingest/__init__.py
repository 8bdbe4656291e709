"""The stages of a job, run by `runner`: crawling, parsing, preparing, saving, announcing.

`supplied_pages` replaces the crawl by pages of a file. `staging` has the items between parser and
save. `reparse` reads saved novels again from the archive.
"""
