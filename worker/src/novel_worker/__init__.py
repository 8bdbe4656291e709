"""Queue worker of Novel Ingestion: runs the engine on queued jobs; never parses by itself."""

__version__ = "0.1.0"
