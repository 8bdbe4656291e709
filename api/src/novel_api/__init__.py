"""HTTP API of Novel Ingestion: accepts URLs, shows jobs and novels; never crawls itself."""

__version__ = "0.1.0"
