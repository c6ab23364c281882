"""`creneau doctor`."""

import json
from dataclasses import asdict

import click

from creneau.app.doctor.examining import examine
from creneau.app.doctor.finding import Finding, Verdict
from creneau.app.logging import configure_logging


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for a machine to read.")
def doctor(*, as_json: bool) -> None:
    """Look the installation over: what is well, what is not, and what to do. Exits 1 when something fails.

    Changes nothing. The only call that leaves for elsewhere asks Slack, for each workspace, what the app may do there.
    """
    configure_logging()
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        click.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    if any(finding.verdict is Verdict.FAILURE for finding in findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    told = f"{finding.verdict:<8} {finding.check:<11} {finding.says}"
    return f"{told}\n{'':20} {finding.advice}" if finding.advice else told
