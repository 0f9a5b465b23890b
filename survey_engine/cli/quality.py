"""`survey-engine quality`: measure and flag responses of a delivery in Parquet."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from survey_engine.cli.scores import check_score_columns, open_delivery
from survey_engine.cli.support.folders import fill_folder
from survey_engine.cli.support.group_sizes import group_size_options, record_tables
from survey_engine.cli.support.input_files import InputFile
from survey_engine.settings import GroupSizes

EXAMPLES = """\b
Examples:
  survey-engine quality delivery --out quality --by institution
  survey-engine quality delivery --out checked --approved quality/rules.csv
"""


@click.command(epilog=EXAMPLES)
@click.argument("delivery", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to create.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Report per value of this column; may be repeated.")
@click.option(
    "--approved",
    type=InputFile(),
    help="A rules.csv in which `approved_by` names who approved each rule: list the responses that approved rules flag.",
)
@group_size_options
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def quality(
    *, delivery: Path, out: Path, by: tuple[str, ...], approved: Path | None, sizes: GroupSizes, public: bool, force: bool
) -> None:
    """Measure the quality of responses in DELIVERY, a folder that was exported with --format parquet.

    Step 1 writes quality.csv (measures and flags, one row per response), report.csv and report.html (responses that each rule would
    exclude, per group), and rules.csv. In rules.csv, a person fills in `approved_by`, and may change limits. Step 2, with --approved,
    writes excluded.csv: the respondents that approved rules flag. No response is deleted.
    """
    modules = ("quality", "quality_page", "shown_groups")
    measures, pages, shown = (import_module(f"survey_engine.datasets.{name}") for name in modules)
    data = open_delivery(delivery)
    check_score_columns(data, by)
    try:
        rules = measures.read_approved(approved) if approved else measures.FLAG_RULES
    except (KeyError, ValueError) as error:
        raise click.UsageError(f"{approved} cannot be read: {error}") from None
    measured = measures.measure_quality(data)
    flags = measures.flag_responses(measured, rules)
    least = sizes.find_least(public=public, sensitive=data.is_sensitive(*by))
    try:
        report = measures.report_rules(data, flags, by, least)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with fill_folder(out, force=force) as folder:
        measured.join(flags, on="respondent").write_csv(folder / "quality.csv", float_precision=4)
        report.write_csv(folder / "report.csv")
        pages.build_quality_page(data, report, by).write(folder / "report.html")
        if approved:
            measures.list_excluded(flags).write_csv(folder / "excluded.csv")
        else:
            measures.write_proposals(folder / "rules.csv", flags, least=least)
        groups = shown.group_outcomes(data, flags, by, report, least)
        record_tables(folder, ("report.csv", "report.html", "rules.csv"), data, sizes, groups, public=public)
    flagged = measures.list_excluded(flags).height
    click.echo(f"{flagged} of {data.frame.height} responses are flagged by {len(rules)} {'approved ' if approved else ''}rules.")
