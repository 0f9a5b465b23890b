"""`survey-engine links`: make personal and open links; withdraw, restore, replace and release personal links."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from survey_engine.cli import make_printable
from survey_engine.cli.support.folders import refuse_lost
from survey_engine.cli.support.input_files import InputFile
from survey_engine.cli.support.installation import check_answers, find_questionnaire, find_settings, open_store
from survey_engine.cli.support.interruptions import report_incomplete
from survey_engine.cli.support.labels import report_labels
from survey_engine.cli.support.link_command import LinkCommand, Output, count_answered_seats, find_begun_elsewhere, warn
from survey_engine.cli.support.progress import show_progress
from survey_engine.cli.support.roster_errors import explain_roster
from survey_engine.cli.support.roster_options import find_format, read_check_options, take_roster_options
from survey_engine.cli.support.selected_links import select_links
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.erasure import Stores, apply_entries, complete_entries, mark_responses
from survey_engine.fieldwork.erasure_list import BY_LIST, read_seat_history, read_withdrawn
from survey_engine.fieldwork.invitations.earlier_keys import read_earlier_keys
from survey_engine.fieldwork.invitations.link_files import (
    CardMaker,
    LinkFiles,
    list_open_links,
    write_open_links,
)
from survey_engine.fieldwork.invitations.links import encrypt_clear_seats
from survey_engine.fieldwork.invitations.new_seats import make_seats
from survey_engine.fieldwork.invitations.roster_changes import (
    ListRules,
    append_replacements,
    append_withdrawals,
    check_unchanged,
    find_changes,
    store_changes,
)
from survey_engine.fieldwork.invitations.roster_outcomes import ELSEWHERE_BEFORE, ERASED_BEFORE, WITHDRAWN_BEFORE, RosterChanges
from survey_engine.fieldwork.invitations.row_checks import RowCodes
from survey_engine.fieldwork.invitations.same_persons import DECISIONS, SAME
from survey_engine.fieldwork.invitations.seat_maker import SeatMaker
from survey_engine.fieldwork.key_checks import check_current_keys
from survey_engine.fieldwork.rosters.csv import KEYLESS, Roster
from survey_engine.fieldwork.rosters.mistakes import format_ranges
from survey_engine.fieldwork.rosters.roster_files import open_roster
from survey_engine.fieldwork.rosters.routing_gaps import list_gaps
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, Student
from survey_engine.fieldwork.rosters.row_source import ignore_rows
from survey_engine.fieldwork.signing import make_token
from survey_engine.fieldwork.start_form import CHANNELS
from survey_engine.model.messages import join_names
from survey_engine.rendering.qr_codes import draw_characters
from survey_engine.settings import Settings
from survey_engine.storage.database import read_now
from survey_engine.storage.identity import begin_seat_transaction
from survey_engine.storage.roster_seats import map_all_institutions

EXAMPLES = """\b
Examples:
  survey-engine links job-2026 students.csv --key student_number --out letters
  survey-engine links job-2026 late_class.csv --key student_number --add --out late
  survey-engine links nse-2026 students.xlsx --format nse-students --institution wolkenveld --out letters
  survey-engine links job-2026 students.csv --out letters --qr --card name --group class
  survey-engine links job-2026 --open --out posters
  survey-engine links job-2026 students.csv --key student_number --via mail --out letters
  survey-engine links job-2026 --withdraw https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
  survey-engine links job-2026 --withdraw left.csv
  survey-engine links job-2026 --restore left.csv
  survey-engine links job-2026 --reissue lost.csv --out again
  survey-engine links job-2026 --release https://survey.example.org/l/dGhpcyBpcyBub3QgYQ
"""
_EFFECT = {
    "open_links": {"out", "force", "via"},
    "withdraw": set[str](),
    "restore": {"copied"},
    "reissue": {"out", "force", "via", "xlsx", "copied"},
    "release": set[str](),
}
"""Action → its options besides --yes. A list of students takes all other options."""
_NEEDED = {
    "add": "key",
    "revive": "key",
    "include_erased": "key",
    "include_elsewhere": "key",
    "new_key": "key",
    "rekeyed": "key",
    "moved": "key",
    "earlier_keys": "key",
    "same_persons": "key",
    "remove_most": "key",
    "card": "qr",
    "group": "qr",
}
"""Option → required other option."""
ORDER = "Give a list of students, or --open, or --withdraw, --restore, --reissue or --release with a link or a file of links."


@click.command(epilog=EXAMPLES)
@click.argument("questionnaire")
@click.argument("students", required=False, type=InputFile())
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make.")
@click.option(
    "--key",
    multiple=True,
    metavar="COLUMN",
    help="The column that identifies a person within the institution, such as the student number: a corrected list then adds, changes "
    "and removes persons. Only a keyed hash of the key is stored. May be repeated. A format may name these columns itself.",
)
@click.option("--add", is_flag=True, help="With --key: persons who are not on this list keep their links.")
@click.option("--revive", is_flag=True, help="With --key: restore links of persons on the list that an earlier list withdrew.")
@click.option(
    "--include-erased",
    is_flag=True,
    help="With --key: persons on the list whose answers were erased get a new link. Without this option they get none.",
)
@click.option(
    "--include-elsewhere",
    is_flag=True,
    help="With --key: persons on the list with the key of a person who was erased or withdrawn at another institution are other "
    "persons, and get a link. Without this option they get none, and their rows are named.",
)
@click.option(
    "--new-key",
    is_flag=True,
    help="With --key: the key column was renamed, or these are other persons than those of earlier lists with another key column.",
)
@click.option(
    "--rekeyed",
    type=click.Choice(DECISIONS),
    help="With --key: some new persons have all values, except the key, of a person no longer on the list. same: they are those "
    "persons and keep their links. others: all new persons are other people.",
)
@click.option(
    "--earlier-keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --key: a CSV file of earlier and present keys, two columns with headings. These persons keep their links and answers.",
)
@click.option(
    "--same-persons",
    is_flag=True,
    help="With --key: persons with a known key are the same, although the earlier list had their cells at another key, or another "
    "name, birth date or address. Without this option such a list is refused. Also: persons without a name are the same, although most "
    "other values changed. Of the refused ones it accepts at most two persons of an institution, or a quarter of those known: the rows "
    "are shown, and you are asked.",
)
@click.option(
    "--moved",
    type=click.Choice(DECISIONS),
    help="With --key: what a person is who has the key and the name of a person at another institution. The same person moved, and "
    "keeps the link. Another person gets a new link.",
)
@click.option(
    "--remove-most",
    is_flag=True,
    help="With --key: remove or move most persons. Without this option the command refuses a list from which 3 persons or more, and "
    "half or more, of an institution or of all its institutions together are missing, or moved to another institution.",
)
@click.option("--qr", is_flag=True, help="Also make cards with QR codes, to print and cut.")
@click.option("--card", "card", multiple=True, metavar="COLUMN", help="Print this column on the cards; may be repeated.")
@click.option(
    "--group",
    metavar="COLUMN",
    default=INSTITUTION_COLUMN,
    show_default=True,
    help="Write one file of cards for each value of this column at each institution.",
)
@click.option("--apart", is_flag=True, help="Write a folder with links.csv, and cards, for each institution.")
@click.option(
    "--via",
    type=click.Choice(CHANNELS),
    help="Name this channel in new links; a response stores the channel of its start. QR codes name `print` unless this is given.",
)
@click.option("--xlsx", is_flag=True, help="Also write each links.csv as a workbook.")
@click.option(
    "--copy",
    "copied",
    multiple=True,
    metavar="COLUMN",
    help="Copy this column as it is, even if its name resembles a known column. With --reissue or --restore and a file: this column "
    "excludes nobody.",
)
@take_roster_options
@click.option("--open", "open_links", is_flag=True, help="The open link of every institution, with QR codes.")
@click.option("--withdraw", metavar="LINK|FILE", help="Withdraw a personal link, or all links in a file such as links.csv.")
@click.option("--restore", metavar="LINK|FILE", help="Undo a withdrawal. With a file, links withdrawn one by one stay withdrawn.")
@click.option("--reissue", metavar="LINK|FILE", help="Replace a personal link that was lost or seen by others; answers stay.")
@click.option(
    "--release",
    metavar="LINK|FILE",
    help="Let another account of a learning environment open the place of a link. Did somebody else open it? Then --reissue, which also "
    "ends the access of that account's devices.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--force", is_flag=True, help="Write into a folder with files. Links in it are lost forever.")
@click.pass_context
def links(
    context: click.Context,
    /,
    *,
    questionnaire: str,
    students: Path | None,
    out: Path | None,
    key: tuple[str, ...],
    add: bool,
    revive: bool,
    new_key: bool,
    qr: bool,
    card: tuple[str, ...],
    group: str,
    open_links: bool,
    withdraw: str | None,
    restore: str | None,
    reissue: str | None,
    force: bool,
    **given: Any,
) -> None:
    """Make personal links to QUESTIONNAIRE for a list of STUDENTS.

    STUDENTS is a CSV file or workbook with a header such as institution,path,level,e-mail: the column institution, any background
    variables, and optionally language. All other columns, such as name and e-mail, are copied to the output and not stored.
    Every row is checked first: either all students get a link, or none. The command writes links.csv (all columns and the
    link) to the folder, and with --qr files of cards.

    The program stores only hashes of links: keep links.csv, it cannot be made again.
    """
    check_link_options(context)
    settings = find_settings()
    check_answers(settings)
    found = find_questionnaire(questionnaire, settings)
    kinds = {name: given.pop(name) for name in ("apart", "xlsx")}
    keys_file = given.pop("earlier_keys")
    flags = {name.removeprefix("include_"): given.pop(name) for name in ("include_erased", "include_elsewhere", "same_persons")}
    shared = {name: given.pop(name) for name in ("yes", "remove_most", "rekeyed", "moved", "copied")}
    command = LinkCommand(
        settings=settings, questionnaire=found, output=Output(out, force), xlsx=kinds["xlsx"], channel=given.pop("via"), **shared
    )
    if named := withdraw or restore or reissue or given.pop("release"):
        with command.open_stores() as stores, explain_roster():
            acts = {withdraw: command.withdraw, restore: command.restore, reissue: command.reissue}
            click.echo(acts.get(named, command.release)(stores, select_links(stores.identity, settings, found, named)))
        return
    warn_of_local(settings)
    if open_links or students is None:
        make_open_links(command)
        return
    with explain_roster("No links were made."):
        roster, notes = open_roster(students, found, read_check_options(**given), command.copied, key)
        click.echo(make_printable("\n".join(notes)), nl=bool(notes))
        named_keys = read_earlier_keys(keys_file, len(roster.reader.keys))
        rules = ListRules(
            only_add=add, new_key=new_key, keep_rekeyed=command.rekeyed == SAME, moved=command.moved, earlier=named_keys, **flags
        )
        cards = CardMaker(found, roster, card, group) if qr else None
        make_personal_links(command, roster, LinkFiles(cards, **kinds), rules, revive=revive)


def check_link_options(context: click.Context) -> None:
    """Raise UsageError for several actions or none, and for an option that has no effect on the action."""
    actions = [context.params[name] not in (None, False) for name in ("students", *_EFFECT)]
    if sum(actions) != 1:
        raise click.UsageError(ORDER)
    flags = {option.name or "": option.opts[0] for option in context.command.params}
    given = [name for name in flags if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if find_format(context.params["format_name"]).person:
        given.append("key")  # the format names the columns that identify a person
    order = next((name for name in given if name in _EFFECT), None)
    for name in given:
        if order and name not in {"questionnaire", order, "yes", *_EFFECT[order]}:
            raise click.UsageError(f"{flags[name]} has no effect with {flags[order]}. Leave it out.")
        if _NEEDED.get(name, name) not in given:
            raise click.UsageError(f"{flags[name]} has no effect without {flags[_NEEDED[name]]}.")


def warn_of_local(settings: Settings) -> None:
    if settings.base_url.startswith("http://127.0.0.1"):
        warn(f"These links begin with {settings.base_url} and work on this machine only. Set SURVEY_BASE_URL.")


def _complete_interrupted(stores: Stores, command: LinkCommand) -> None:
    if completed := complete_entries(stores, command.settings.erasures, command.questionnaire.code):
        click.echo(
            f"An earlier command was interrupted: {completed} of its erasures, withdrawals or replacements were completed."
        )


def make_personal_links(command: LinkCommand, roster: Roster, files: LinkFiles, rules: ListRules, *, revive: bool) -> None:
    """Make the links of a list, all or none. The files are on disk before the seats are committed, and get their final names after."""
    settings, questionnaire = command.settings, command.questionnaire
    history = read_seat_history(settings.erasures, questionnaire.code)
    maker = SeatMaker.of_list(roster, questionnaire, settings.pseudonym_key, ContactKeys(settings.contact_keys), history)
    for note in roster.list_notes():
        click.echo(make_printable(note))
    for warning in roster.list_warnings() + ([] if roster.reader.keys else [KEYLESS]):
        warn(warning)
    with command.open_stores() as stores, command.output.fill() as folder:
        store = stores.identity
        command.warn_of_closed(roster, read_now(stores.answers))
        encrypt_clear_seats(store, maker.contact_keys)
        _complete_interrupted(stores, command)
        if revive:
            rules = replace(rules, kept=read_withdrawn(settings.erasures, questionnaire.code, BY_LIST))
        changes = find_changes(store, maker, rules)
        for gap in list_gaps(roster, questionnaire, None if changes.is_first else changes.added):
            warn(gap)
        warn_left_out(changes, revive=revive)
        command.refuse_begun(changes, find_begun_elsewhere(stores, questionnaire.code, changes.relocated))
        command.confirm_unlike(changes, stores)
        command.confirm_changes(changes, roster, count_answered_seats(stores, questionnaire.code, changes.exchanged))
        tokens = [make_token() for _ in range(changes.added)]
        unwatched = replace(roster, progress=ignore_rows)  # the cards have a bar of their own

        def iter_links() -> Iterator[tuple[Student, str]]:
            return zip(changes.iter_new(unwatched.iter_students()), map(command.make_link_address, tokens), strict=True)

        files.make_folders(folder, roster)
        sheets = files.write_cards(folder, show_progress(iter_links(), len(tokens), "QR codes")) if files.cards and tokens else []
        written = [*sheets]
        with report_incomplete(settings.erasures):
            with begin_seat_transaction(store) as connection:
                check_current_keys(settings, connection)
                maker = replace(maker, history=read_seat_history(settings.erasures, questionnaire.code))
                check_unchanged(connection, maker, changes, rules, history)
                command.refuse_begun(changes, find_begun_elsewhere(stores, questionnaire.code, changes.relocated))
                with make_seats(connection, maker, changes, tokens) as seats:
                    if tokens:
                        watched = show_progress(seats.store_beside(iter_links()), len(tokens), "Links")
                        written += files.write(folder, roster, watched, RowCodes(settings.pseudonym_key))
                    refuse_lost(written)  # also before a withdrawal is recorded
                    append_withdrawals(settings.erasures, maker, changes)
                    replaced = append_replacements(settings.erasures, maker, changes.iter_new(roster.iter_students()), tokens)
                    settled = store_changes(connection, maker, changes, seats)
                refuse_lost(written)
                command.output.keep.set()
            warn_of_late(find_begun_elsewhere(stores, questionnaire.code, changes.relocated))
            mark_responses(stores, questionnaire.code, changes.removed, withdrawn=True)
            mark_responses(stores, questionnaire.code, changes.revived, withdrawn=False)
            apply_entries(stores, replaced)
            institutions = {*roster.institutions, *(before for before, _ in changes.routes)}
            report_labels(settings, stores, questionnaire.code, institutions, settled)
    report_made(command, changes, roster, len(sheets))


def report_made(command: LinkCommand, changes: RosterChanges, roster: Roster, sheets: int) -> None:
    """Args: sheets: number of files of cards."""
    if changes.relocated:
        click.echo(describe_moved(changes, command.questionnaire.code))
    if not changes.added:
        click.echo(f"No new links: nothing is written to {command.output.folder}.")
        return
    made = f" and {sheets} files of cards" if sheets else ""
    click.echo(make_printable(f"{changes.added} links{made} in {command.output.folder}.{describe_copied(roster)}"))


def warn_of_lists(command: LinkCommand) -> None:
    """Warn of institutions with an open link whose persons have links of their own."""
    with closing(open_store(command.settings, "identity", migrate=True)) as identity:
        listed = {*map_all_institutions(identity).get(command.questionnaire.code, ())}
    institutions = command.questionnaire.institutions.values()
    if found := sorted(each.code for each in institutions if each.has_open_link and each.code in listed):
        warn(
            f"{join_names(found)}: persons have links of their own. By the open link they could answer twice, and `remind` would still "
            "list them. `open_link: false` in the institution's file closes it."
        )


def warn_of_late(begun: Collection[int]) -> None:
    """Warn of persons who began at the earlier institution between the check of the list and its storage."""
    if begun:
        warn(
            f"{len(begun)} persons began to answer at their earlier institution while this command ran: their answers belong to it, and "
            "`survey-engine doctor` counts them. Write the earlier institution in their rows, and give the list again."
        )


def warn_left_out(changes: RosterChanges, *, revive: bool) -> None:
    """Warn of the persons on a list who get no link because they, or persons with their key, were erased or withdrawn."""
    if revive and (held := changes.totals[WITHDRAWN_BEFORE]):
        warn(f"Withdrawn by --withdraw: {held} on this list. --revive does not give them back. Use --restore.")
    if left_out := changes.totals[ERASED_BEFORE]:
        warn(
            f"{left_out} persons on this list get no link, because their answers were erased by `erase`. If they want to answer "
            "anew: --include-erased."
        )
    if changes.recorded:
        rows = "; ".join(
            f"{reason}: row{'s' * (len(rows) > 1)} {format_ranges(rows)}" for reason, rows in sorted(changes.recorded.items())
        )
        warn(
            f"{changes.totals[ELSEWHERE_BEFORE]} persons on this list get no link, because a person with their key was erased or "
            f"withdrawn at another institution. {rows}. If they are the same persons, remove these rows. If those that you keep are "
            "other persons: --include-elsewhere."
        )


def describe_moved(changes: RosterChanges, questionnaire: str) -> str:
    """Sentences about the files of links of persons who moved."""
    return (
        f"Files of links have the earlier institution of {len(changes.relocated)} persons, who keep their links. Their rows with the new "
        f"one: survey-engine remind {questionnaire} FILE --out FOLDER, for FILE a links.csv, with --key and --corrected for the cells of "
        "this list. New links for them: links --reissue FILE."
    )


def describe_copied(roster: Roster) -> str:
    """Sentences about the columns that are stored, and those that are only copied; empty without any."""
    stored = [roster.header[at] for at in roster.details]
    copied = f" Stored encrypted: {', '.join(stored)}." if stored else ""
    if others := [name for name in roster.copied if name not in stored]:
        copied += f" Copied and not stored: {', '.join(others)}."
    return copied


def make_open_links(command: LinkCommand) -> None:
    """Show the open link of each institution, or write a table and posters."""
    warn_of_lists(command)
    output, links = command.output, list_open_links(command.questionnaire, command.settings.base_url, command.channel)
    if output.folder is None:
        for _, name, address in links:
            click.echo(f"\n{name}\n{address}\n{draw_characters(address)}")
        return
    with output.fill() as folder:
        count = write_open_links(folder, command.questionnaire, links)
    click.echo(f"{count} open links in {output.folder}.")
