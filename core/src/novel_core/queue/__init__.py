"""The wake-up call: job ids pushed to the RQ queue, and the chores that keep queue and database in step.

The job's row is the truth. `connection` reaches Redis, `dispatch` pushes what is owed, `reconcile` repairs what was lost,
`housekeeping` does both and the other chores again and again, `overview` tells what the queue looks like.
"""
