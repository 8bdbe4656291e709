"""Royal Road as a source for Novel Ingestion."""
