"""A job's life: its states, who holds it, its events and failures, and when a failed one is tried again.

`lifecycle` changes a claimed job, `unclaimed` one that no process holds; `lease` keeps a claim, `views` shows jobs to people.
"""
