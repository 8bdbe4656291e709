"""`novel api`: serve the API, with your own PostgreSQL and Redis or the embedded ones."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 chooses a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=None,
    help="Server processes. Default: NOVEL_API_WORKERS.",
)
def api(host: str, port: int, workers: int | None) -> None:
    """Serve the HTTP API until SIGTERM or Ctrl-C.

    Without API keys it serves this machine only; `novel keys create` makes a key. Without
    DATABASE_URL and REDIS_URL it uses the embedded servers. /docs documents the API.
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
