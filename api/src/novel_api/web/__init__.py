"""The web pages: rendered on the server. `routes.py` adds them to the application."""
