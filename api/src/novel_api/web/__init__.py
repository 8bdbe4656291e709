"""The web page: server-rendered, over the same engine as the JSON API. `install.py` puts it into the application."""
