"""Feeds for learning environments and portals without LTI: hashed student number → personal link, for each institution.

An environment that knows a student's number computes the hash with its secret, and shows the link.
"""

from __future__ import annotations

import csv
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from survey_engine.fieldwork.invitations.link_files import REPLACES
from survey_engine.fieldwork.invitations.link_lists import LinkList, merge_reissues
from survey_engine.fieldwork.invitations.reminders import LINK_WITHDRAWN, NOT_ASKED, REPEATED, REPLACED, UNKNOWN, Reminders
from survey_engine.fieldwork.invitations.row_checks import LOSSY
from survey_engine.fieldwork.rosters.keys import find_key_damage, is_missing_key, normalise_cell, shorten_key
from survey_engine.fieldwork.rosters.mistakes import Mistakes, RosterError
from survey_engine.fieldwork.rosters.row_reader import INSTITUTION_COLUMN, LANGUAGE, LINK_CHECK, LINK_COLUMN
from survey_engine.fieldwork.signing import hash_for, normalise_key
from survey_engine.fieldwork.start_form import add_channel
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.file_templates import open_template
from survey_engine.rendering.page_plan import Wording

STATES_LEFT_OUT = {NOT_ASKED, REPEATED, REPLACED, UNKNOWN, LINK_WITHDRAWN}
"""States of rows that a feed lacks. It has completed ones, which would else be known to the environment."""
OWN = {INSTITUTION_COLUMN, LANGUAGE, LINK_COLUMN, LINK_CHECK, REPLACES}
"""Columns that have no student numbers."""
_FEED, SIGNED, _SIGNATURE, SECRET, CARD = "feed.csv", "feed.json", "feed.json.hmac", "secret.txt", "card.html"


def make_secret(key: str, questionnaire: str, institution: str) -> str:
    """The secret that an institution's environment shares with its feed: always the same. Args: key: the pseudonym key."""
    return hash_for("feed", key, questionnaire, institution).hex()


def hash_number(secret: str, number: str) -> str:
    """The name of a student in a feed: HMAC-SHA256 of the number in lower case without surrounding white-space, in hex."""
    return hmac.digest(secret.encode(), normalise_key(number).encode(), "sha256").hex()


def write_feeds(
    folder: Path, lists: Sequence[LinkList], reminders: Reminders, key: str, column: str
) -> tuple[dict[str, int], Counter[str]]:
    """Write a folder for each institution with the links in use; return the number of links by institution, and of rows by state.

    Args:
        folder: an existing folder.
        lists: with the columns institution and link.
        reminders: checks the rows, as for reminders.
        key: the pseudonym key.
        column: with the student numbers.

    Raises:
        RosterError: a number is missing or damaged, or two rows of an institution have one; or a list has mistakes, as in
            `Reminders.list_states`.
    """
    if column.strip().casefold() in OWN:
        raise RosterError(lists[0].text.path, f"'{column}' is no column of student numbers. Name that column with --key.", 1)
    code, counts, feeds = reminders.questionnaire.code, Counter[str](), defaultdict[str, dict[str, str]](dict)
    lists = merge_reissues(lists)
    states = iter(reminders.list_states(lists, [column], exact=True))
    for links in lists:
        number, mistakes = links.find_column(column), Mistakes()
        for (line, cells), state in zip(links.iter_rows(), states, strict=False):
            counts[state] += 1
            if state in STATES_LEFT_OUT:
                continue
            name, wrong = _find_institution(links, line, cells), _find_mistake(cells[number])
            hashed = hash_number(make_secret(key, code, name), normalise_cell(cells[number]))
            if name not in reminders.questionnaire.institutions:
                mistakes.add(line, INSTITUTION_COLUMN, "", "this row has no known institution.")
            elif wrong or hashed in feeds[name]:
                mistakes.add(line, column, wrong, wrong or "another row of this institution has the same number.")
            else:
                feeds[name][hashed] = add_channel(links.get_link(cells).partition("?")[0], "lms")
        if mistakes:
            raise RosterError(links.text.path, mistakes)
    for name, feed in feeds.items():
        (folder / name).mkdir(mode=0o700)
        write_feed(folder / name, reminders.questionnaire, name, dict(sorted(feed.items())), make_secret(key, code, name))
    return {name: len(feed) for name, feed in feeds.items()}, counts


def _find_institution(links: LinkList, line: int, cells: Sequence[str]) -> str:
    """The institution of a row, where its person is now."""
    return links.institutions.get(line, cells[links.find_column(INSTITUTION_COLUMN)].strip().casefold())


def _find_mistake(number: str) -> str:
    damage = find_key_damage(number.strip())
    if is_missing_key(number.strip()):
        return "this row has no number."
    return f"'{shorten_key(number.strip())}' {damage[1]}." if damage and damage[0] in LOSSY else ""


def write_feed(folder: Path, questionnaire: Questionnaire, name: str, feed: dict[str, str], secret: str) -> None:
    """Write the feed of one institution as CSV and signed JSON, with its secret and a card."""
    with (folder / _FEED).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("student", "link"), *feed.items()])
    content = json.dumps({"questionnaire": questionnaire.code, "institution": name, "links": feed}, indent=0).encode()
    (folder / SIGNED).write_bytes(content)
    (folder / _SIGNATURE).write_text(hmac.digest(secret.encode(), content, "sha256").hex() + "\n")
    (folder / SECRET).write_text(secret + "\n")
    (folder / CARD).write_text(render_link_card(questionnaire, name, "{{link}}"), encoding="utf-8")


def render_link_card(questionnaire: Questionnaire, name: str, link: str) -> str:
    """A card in HTML, without script and style, in every language of the institution. Args: link: or the environment's placeholder."""
    institution = questionnaire.institutions[name]
    cards = [
        (language.html_lang, Wording(questionnaire, language, institution).line(questionnaire.title))
        for language in (questionnaire.languages[code] for code in institution.languages)
    ]
    return open_template("fieldwork/link_card.html").render(institution=institution.name, cards=cards, link=link)
