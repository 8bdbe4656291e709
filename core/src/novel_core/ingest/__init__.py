"""The stages of a job: `crawling` → `parsing` → `preparing` → `saving` → `announcing`, run by `runner`.

`staging` holds the items between parser and save; `reparse` reads what is saved again from the archive.
"""
