"""`novel api`: serve the API, over servers of one's own or embedded ones."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="Processes that serve; NOVEL_API_WORKERS where not given.",
)
def api(host: str, port: int, workers: int | None) -> None:
    """Serve the HTTP API until SIGTERM or Ctrl-C.

    While there are no API keys it serves this machine only; `novel keys create` makes one. With neither DATABASE_URL nor
    REDIS_URL set, the embedded servers are used. The description of the API is at /docs.
    """
    from novel_api import logs
    from novel_api.serving import serve
    from novel_core.settings import load_settings

    settings = load_settings()
    logs.set_up(settings)
    serve(settings, host, port, workers or settings.api_workers)


def main() -> None:
    """Entry point of `novel-api`."""
    from novel_core.cli.main import run_command

    run_command(api)
