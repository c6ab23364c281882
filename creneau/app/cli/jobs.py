"""`creneau jobs`: what was given up, and doing it again."""

import click

from creneau.app.cli.opening import open_creneau


@click.group()
def jobs() -> None:
    """Jobs that were given up after their last try."""


@jobs.command("list")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000))
def list_(most: int) -> None:
    """List them, the last one first. Why is in the worker's log, by the number of the job."""
    with open_creneau() as creneau:
        for job in creneau.operations.list_failed_jobs(most):
            at = f"{job.failed_at:%Y-%m-%dT%H:%M:%SZ}" if job.failed_at else "-"
            told = " ".join(f"{name}={value}" for name, value in job.arguments.items())
            click.echo(
                f"{job.id} {at} {job.task} tried={job.attempts} {told}{' (by the clock)' * job.comes_by_the_clock}"
            )


@jobs.command("retry")
@click.argument("ids", nargs=-1, type=int, metavar="[JOB]...")
@click.option("--task", help="Those of one task.")
@click.option("--all", "all_of_them", is_flag=True, help="All of them.")
def retry(ids: tuple[int, ...], task: str | None, *, all_of_them: bool) -> None:
    """Put jobs into the queue again. What runs by the clock comes by itself, and is left alone."""
    if (bool(ids), task is not None, all_of_them).count(True) != 1:
        raise click.UsageError("Name jobs, or a --task, or --all.")
    with open_creneau() as creneau:
        count = creneau.operations.run_again(ids or None, task)
    click.echo(f"in the queue again: {count}")
