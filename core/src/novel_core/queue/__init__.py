"""The RQ queue: job ids pushed to Redis, and the maintenance that keeps queue and database in step.

The job's row is the truth. `connection` opens Redis, `admission` chooses the jobs whose turn it is,
`dispatch` pushes them, `reconcile` repairs what was lost, `watch_updates` submits updates of
watched novels, `housekeeping` does all of it regularly, `server_check` finds what a Redis server
lacks.
"""
