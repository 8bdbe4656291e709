"""The contract of a source, checked by the engine's own tests."""

from novel_core.testing import SourceContract


class TestContract(SourceContract):
    source = {{ cookiecutter.source | python }}
