"""A job's life: its states, who holds it, its events and failures, its retries, and how long it is kept.

`lifecycle` changes a claimed job, `unclaimed` one that no process holds; `lease` keeps a claim, `views` describes jobs.
"""
