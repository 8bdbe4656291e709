"""`novel worker`: run queued jobs."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--crawls",
    type=click.IntRange(1, 500),
    default=32,
    show_default=True,
    help="How many jobs each process runs at once.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes; one for each core is enough.",
)
def worker(crawls: int, processes: int) -> None:
    """Run queued jobs until SIGTERM or Ctrl-C.

    Running jobs are then handed back to the queue within ten seconds. Start it on any number of
    machines, with the same DATABASE_URL and REDIS_URL; each also does the maintenance of the queue.
    With neither variable set, the embedded servers are used.
    """
    from novel_core.logs import set_up_logging
    from novel_core.runtime import open_runtime
    from novel_worker.supervisor import Supervisor, pool_size
    from novel_worker.warm import prepared, warm_up

    settings = prepared().settings
    set_up_logging(settings.log_format, settings.log_level)
    with open_runtime(
        settings, prepared().registry, queue=True, migrating=True, pool_size=pool_size(crawls)
    ) as runtime:
        warm_up(runtime)
        Supervisor(runtime, processes, crawls).run()


def main() -> None:
    """Entry point of `novel-worker`."""
    from novel_core.cli.main import run_command

    run_command(worker)
