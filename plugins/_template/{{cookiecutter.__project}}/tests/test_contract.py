"""The tests of the plugin contract."""

{% if cookiecutter.kind == "family" %}
from novel_core.testing import FamilyContract


class TestContract(FamilyContract):
    family = {{ cookiecutter.source | python }}
{% else %}
from novel_core.testing import SourceContract


class TestContract(SourceContract):
    source = {{ cookiecutter.source | python }}
{% endif %}
