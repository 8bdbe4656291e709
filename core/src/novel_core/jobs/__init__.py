"""A job's life: states, lease, events and failures, retries, retention.

`lifecycle` changes a claimed job, `unclaimed` one that no process holds; `lease` keeps a claim,
`views` describes jobs.
"""
