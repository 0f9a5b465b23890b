"""`survey-engine preview`: preview a questionnaire during editing, or print it."""

from __future__ import annotations

from pathlib import Path

import click
from werkzeug.serving import make_server

from survey_engine.authoring.preview.app import create_preview
from survey_engine.authoring.preview.printing import NoPrinterError, print_html, print_pdf
from survey_engine.authoring.preview.screenshots import QuietHandler
from survey_engine.cli.support.questionnaires import QuestionnaireFolder, compile_for_authors, translations_option
from survey_engine.publication.compiler import list_catalogue_folders
from survey_engine.rendering.condition_sentences import COMPARISONS

EXAMPLES = """\b
Examples:
  survey-engine preview questionnaires/job-2026
  survey-engine preview questionnaires/job-2026 --print nl --out job-2026-nl.pdf
  survey-engine preview questionnaires/nse-2026 --print de --sentences nl
  survey-engine preview questionnaires/job-2026 --print nl --purposes --out why-job-2026.pdf
  survey-engine preview questionnaires/job-2026 --remarks remarks.csv
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=QuestionnaireFolder())
@click.option("--port", type=click.IntRange(1, 65_535), default=8765, show_default=True, help="The port on this machine.")
@translations_option
@click.option("--print", "language", metavar="LANGUAGE", help="Print the whole questionnaire in one language instead.")
@click.option(
    "--sentences",
    type=click.Choice([*COMPARISONS]),
    help="With --print: the language of the sentences on who is asked (default: the printed language, or symbols if it has none).",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="With --print: the .pdf or .html file to write.")
@click.option(
    "--purposes", is_flag=True, help="With --print: show the purpose and indicators of each item, without notes of authors."
)
@click.option(
    "--remarks",
    type=click.Path(dir_okay=False, path_type=Path),
    help="For tests with students: show a field for remarks at each question, and append the remarks to this CSV file.",
)
def preview(
    *,
    path: Path,
    port: int,
    translations: Path | None,
    language: str | None,
    sentences: str | None,
    out: Path | None,
    purposes: bool,
    remarks: Path | None,
) -> None:
    """Show the questionnaire in PATH as respondents see it, in all languages side by side.

    The preview reloads when a file is saved. It shows each problem at its place, a diagram of the routing, and the audience of
    each item. Each page is also shown in other states: answered, with unanswered items, with invalid input, and changed in another
    window. No answers are stored. Notes (`note:` in the YAML) are shown next to their questions, also in print.
    """
    catalogues = translations or list_catalogue_folders(path, None)[0]
    if language:
        _write_print(
            path, catalogues, language, out or Path(f"{path.name}-{language}.pdf"), purposes=purposes, sentences=sentences or ""
        )
        return
    app = create_preview(path, catalogues, remarks=remarks)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    click.echo(f"http://127.0.0.1:{port}/   (stop with Ctrl-C)")
    server.serve_forever()


def _write_print(path: Path, catalogues: Path, language: str, out: Path, *, purposes: bool, sentences: str) -> None:
    questionnaire = compile_for_authors(path, catalogues)
    try:
        if language in questionnaire.withheld:
            raise click.ClickException(f"'{language}' can be printed when all its texts have a wording.")
        if language not in questionnaire.languages:
            raise click.ClickException(f"There is no language '{language}'. Known: {', '.join(questionnaire.languages)}.")
        html = print_html(questionnaire, language, purposes=purposes, sentences=sentences)
        if out.suffix == ".pdf":
            print_pdf(html, out)
        else:
            out.write_text(html, encoding="utf-8")
    except NoPrinterError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Wrote {out}")
