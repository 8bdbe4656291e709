"""Refuses answers that would give no working project; `source_answers` says which and why."""

import sys

PROBLEMS = {{ cookiecutter | problems | python }}

for problem in PROBLEMS:
    print(problem.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
sys.exit(1 if PROBLEMS else 0)
