{% include cookiecutter.parser ~ ".py" %}
