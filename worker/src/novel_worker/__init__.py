"""The queue worker of Novel Ingestion: it runs the engine on queued jobs."""

__version__ = "0.1.0"
