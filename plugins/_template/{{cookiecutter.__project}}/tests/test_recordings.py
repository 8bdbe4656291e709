"""The tests of the parser with recorded pages; `novel record URL` adds one."""

from pathlib import Path

from novel_core.testing import RecordedPages


# TODO: the two recordings are of an invented site: delete them, and record real pages
class TestRecordings(RecordedPages):
{% if cookiecutter.kind == "source" %}
    source = {{ cookiecutter.source | python }}
{% endif %}
    recordings = Path(__file__).parent / "recordings"
