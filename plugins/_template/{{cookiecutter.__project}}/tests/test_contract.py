"""The tests of the plugin contract."""

from novel_core.testing import SourceContract


class TestContract(SourceContract):
    source = {{ cookiecutter.source | python }}
