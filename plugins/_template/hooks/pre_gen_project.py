"""Refuse answers that would not make a working project, with the reasons of `source_answers`."""

import sys

PROBLEMS = {{ cookiecutter | problems | python }}

for problem in PROBLEMS:
    print(problem.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
sys.exit(1 if PROBLEMS else 0)
