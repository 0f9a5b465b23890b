"""`survey-engine capacity`: compute the size of an installation."""

from __future__ import annotations

import os

import click

from survey_engine.cli.support.installation import find_questionnaire, find_settings
from survey_engine.operations.capacity.measuring import Costs, measure_costs
from survey_engine.operations.capacity.planning import Demand, Fieldwork, compute_demand, plan_layouts

EXAMPLE = "Example:\n\n  survey-engine capacity --respondents 1_000_000 --days 40 --peak 500 --invited 830_000"
_DATABASE_SHARE = 0.5
"""CPU time of PostgreSQL for one save, as a share of the application's CPU time for the page; measured by `make load`."""


class CountType(click.ParamType[int]):
    """A whole number, optionally with _ as thousands separator."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        written = str(value).replace("_", "")
        if not written.isdecimal():
            self.fail(f"'{value}' is not a whole number. Write it like 1_000_000.", param, ctx)
        return int(written)


@click.command(epilog=EXAMPLE)
@click.option("--respondents", type=CountType(), required=True, help="Expected number of respondents.")
@click.option("--days", type=CountType(), default=40, show_default=True, help="Length of the fieldwork in days.")
@click.option(
    "--peak", type=CountType(), default=0, help="Starts per minute at the peak; default: estimated from the other options."
)
@click.option(
    "--saves", type=CountType(), default=80, show_default=True, help="Saves per response: its number of pages, or of statements."
)
@click.option("--invited", type=CountType(), default=0, help="Number of persons invited by mail.")
@click.option("--questionnaire", default="job-2026", show_default=True, help="The questionnaire to measure with.")
def capacity(respondents: int, days: int, peak: int, saves: int, invited: int, questionnaire: str) -> None:
    """Measure costs on this machine and compute the resources for a fieldwork: cores, connections, disk, mails, latency.

    The peak is assumed to last as long as one response, so the results are upper bounds. The cost of PostgreSQL is estimated
    from the cost of a page; `make load` measures it.
    """
    settings = find_settings()
    code = find_questionnaire(questionnaire, settings).code
    click.echo("Measuring on this machine …", err=True)
    costs = measure_costs(settings, code)
    work = Fieldwork(respondents, days, peak or estimate_peak(respondents, days), saves=saves, invited=invited)
    demand = compute_demand(work, costs)
    show_costs(costs)
    show_demand(work, demand)
    for layout in plan_layouts(demand, costs, costs.page * _DATABASE_SHARE):
        p95 = "overloaded" if layout.p95 == float("inf") else f"p95 about {1000 * layout.p95:.0f} ms"
        click.secho(f"\n{layout.name}", bold=True)
        click.echo(f"  {layout.app_cores} cores for the application, {layout.database_cores} for the database; {p95}")
        click.echo(f"  {layout.connections} connections, {layout.disk / 1e9:.1f} GB on disk; {layout.remark}")


def estimate_peak(respondents: int, days: int) -> float:
    """Return starts per minute at the peak: on a day with three times the mean, 18 % start in one lesson, 75 % of these in 10 minutes."""
    return respondents / days * 3 * 0.18 * 0.75 / 10


def show_costs(costs: Costs) -> None:
    click.secho(f"Measured here ({os.cpu_count()} cores)", bold=True)
    click.echo(f"  a page {1000 * costs.page:.2f} ms of CPU, a start {1000 * costs.start:.2f} ms")
    click.echo(
        f"  a durable save on SQLite {1000 * costs.save:.2f} ms alone, {costs.saves:.0f} per second when many save together"
    )
    click.echo(f"  a whole response {costs.response / 1000:.1f} kB, a personal link {costs.seat / 1000:.2f} kB")


def show_demand(work: Fieldwork, demand: Demand) -> None:
    click.secho(
        f"\n{work.respondents:,} respondents in {work.days} days, {work.peak_starts:.0f} starts per minute at the peak", bold=True
    )
    click.echo(
        f"  {demand.saves:.0f} saves per second, {demand.sessions:,.0f} open responses, {demand.app_seconds:.2f} s of CPU per second"
    )
    click.echo(f"  {demand.disk / 1e9:.1f} GB on disk with index, log and one backup, both stores")
    if demand.mails:
        click.echo(f"  {demand.mails:,.0f} mails per hour in {work.mail_groups} groups of {work.mail_hours:.0f} hours each")
