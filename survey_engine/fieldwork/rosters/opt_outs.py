"""Columns and cells of a list that mark persons who should get no link: opted out, excluded, not to be contacted.

Headings and cells are split into words, at signs and capitals, without accents. Words of one list are found in both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from shlex import quote

from survey_engine.fieldwork.rosters.few_values import ColumnValues, is_group
from survey_engine.fieldwork.rosters.opt_out_columns import find_opt_out_kind, may_exclude
from survey_engine.fieldwork.rosters.yes_no import SAYS_NO, SAYS_YES, read_answer
from survey_engine.model.messages import join_names


def _list_words(text: str) -> list[str]:
    return text.split()


_CONTACT = _list_words(
    "benaderen benaderd benaderbaar mailen gemaild emailen uitnodigen uitgenodigd aanschrijven aangeschreven contacteren "
    "gecontacteerd benadering meedoen deelnemen deelname contacted invited mailed"
)
_ACTIONS = {
    *(f"niet{word}" for word in [*_CONTACT, "mee", "deel", "meer", "versturen", "opnemen"]),
    *(f"nooit{word}" for word in _CONTACT),
    *(
        f"geen{word}"
        for word in ("benadering", "mail", "mails", "email", "mailing", "contact", "deelname", "herinnering", "survey")
    ),
    *(f"geen{word}" for word in ("uitnodiging", "uitnodigingen", "enquete", "enquetes", "vragenlijst", "onderzoek")),
    *(f"{no}{word}" for no in ("donot", "dont") for word in ("contact", "mail", "email", "invite")),
    *_list_words("optout optedout unsubscribe unsubscribed afgemeld afmelden afmelding uitgesloten uitsluiten uitsluiting"),
    *_list_words("exclude excluded exclusion exclusions excl nocontact"),
}
"""Phrases, without spaces, that exclude a person as a cell, and mark a column of excluded persons as a heading."""
_STATES = {
    *_list_words("weigert weigering geweigerd refused bezwaar uitgeschreven deregistered overleden deceased"),
    *_list_words("geentoestemming noconsent wilniet magniet doetniet neemtniet"),
}
"""Phrases that exclude a person: in a cell, or as the heading of a column whose cell says "yes"."""
_GONE = {*_list_words("gestopt uitgeschreven uitgestroomd vertrokken overleden verwijderd afgestudeerd deregistered deceased")}
"""Words that are no names: beside a name they are marks of persons who left."""
_ASKING = {*_CONTACT, *_list_words("toestemming consent optin optedin doetmee toegestaan permitted allowed actief active")}
"""Words of headings over which "no" excludes a person."""
_FILLERS = {*_list_words("is has heeft zich meer graag aub svp please de het een aan voor van to be te")}
_NEUTRAL = frozenset(
    _list_words(
        "student studenten deelnemer leerling job nse monitor enquete enquetes onderzoek vragenlijst survey questionnaire research mail "
        "email mailing contact contactpermitted opnemen opgenomen worden wil mag may can kan doet neemt mee deel per sinds op gemaakt jn "
        "in this deze dit jaar telefonisch contacten benaderen mailen door zelf"
    )
)
"""Words beside a phrase that do not change its meaning."""
_TOPICS = frozenset(
    _list_words(
        "foto fotos photo video gym gymles les lessen rooster nieuwsbrief newsletter ouder ouders parents excursie stage reis schoolreis "
        "bsa cijfer examen toets medicatie lunch trip"
    )
)
"""Words of other subjects than questionnaires."""
_NEGATIONS = [["niet"], ["geen"], ["nooit"], ["not"], ["no"]]
"""Words that turn a phrase after them into its opposite."""
_NEGATING = {"niet", "geen", "nooit", "not", "no"}
_TAKING_PART = {*_list_words("meedoen meedoet deelnemen deelneemt deelname participate participates participation")}
_OPENINGS = {*_list_words("nee neen nein niet nicht not wel mee")}
"""First words of a reason that may say that a person takes part after all."""
_ASKED = {
    *_list_words(
        "in actief active aktiv ok oke okay okee akkoord include included opnemen meenemen uitnodigen benaderen deelnemer blijft"
    )
}
"""Words that say, alone, that a person takes part."""
_PARENTS = {"ouder", "ouders", "parents"}
"""A cell with a negation, taking part, and no other subject, is asked about: a parent refuses for a child."""
_PERSONAL = re.compile(
    "naam|(?<!deel)name|e-?mail|adres|address|straat|street|telefoon|phone|mobiel|mobile|mentor|docent|teacher|coach|begeleider|woonplaats|"
    "postcode|plaats$|city|huisnummer|toevoeging|tussenvoegsel|voorvoegsel|prefix|voorletter|initial|aanhef|titel|leerbedrijf|stagebedrijf|contactpersoon"
)
"""Headings of columns whose words have no meaning of their own, but for phrases of `_ACTIONS`."""
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_BESIDE = re.compile(r"[^\w-]+")
"""Between a name and a mark beside it; Overleden-Jansen is a name."""
_LONGEST = 3
"""Longest phrase, in words."""
_SHORT = 200
"""Longest cell that is examined, in characters."""
SURE, DOUBTFUL = "sure", "doubtful"


def is_excluding(heading: str) -> bool:
    """Whether a column with this heading marks persons to leave out.

    >>> is_excluding("Niet_benaderen"), is_excluding("name"), is_excluding("UITSLUITEN_JN")
    (True, False, True)
    """
    return _judge(heading, frozenset(_ACTIONS)) == SURE


def may_tell(heading: str) -> bool:
    """Whether a column with this heading may tell who is not asked.

    >>> may_tell("Niet meedoen"), may_tell("Reden uitsluiten"), may_tell("Toestemming"), may_tell("Mentor")
    (True, True, True, False)
    """
    words = _split(heading)
    return not _TOPICS & {*words} and (is_excluding(heading) or bool(find_opt_out_kind(words)))


def may_take_part(reason: str) -> bool:
    """Whether a reason to leave out a person may say the opposite.

    >>> [may_take_part(text) for text in ("nee (stage afgerond)", "doet mee", "ok", "doet niet mee", "stage")]
    [True, True, True, False, False]
    """
    words = _split(reason)
    if not words or _judge_cell(reason) == SURE:
        return False
    is_taking_part = bool({*words} & {*_TAKING_PART, "mee"}) or {"neemt", "deel"} <= {*words}
    is_denied = bool(_NEGATING & {*words})
    denies_exclusion = is_denied and bool({*words} & _ACTIONS)
    return words[0] in _OPENINGS or "".join(words) in _ASKED or (is_taking_part and not is_denied) or denies_exclusion


class OptOuts:
    """Finds the cells of copied columns that mark persons to leave out."""

    def __init__(self, header: Sequence[str], copied: Collection[str], sent: str = "link") -> None:
        """Args: copied: columns to examine · sent: what persons get, for messages."""
        self.sent = sent
        self._columns: list[tuple[int, str, str]] = []
        """Position, heading, and the answer that excludes by the heading."""
        self._kinds: dict[str, str] = {}
        """Heading → its kind, if it may tell who is to get no link."""
        self._doubted: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        """Heading of a kind → cell → lines."""
        self.doubtful: dict[tuple[str, str], list[int]] = defaultdict(list)
        """(heading, cell) that may exclude persons, or be about something else → lines."""
        self._values: dict[int, ColumnValues] = {}
        self._personal: set[str] = set()
        self._groups: set[str] = set()
        """Headings of columns of names and addresses, and of groups."""
        for at, name in enumerate(header):
            words = _split(name)
            if name not in copied:
                continue
            excluding, is_topic = _find_excluding(name), bool(_TOPICS & {*words})
            kind = "" if is_topic else find_opt_out_kind(words)
            is_personal = not (excluding or kind) and _PERSONAL.search(name.casefold()) is not None
            if excluding or kind or not is_topic:
                self._columns.append((at, name, excluding))
                self._kinds[name] = kind
            if not is_topic:
                self._values[at] = ColumnValues(name, is_partly_asked=bool(excluding or kind))
                self._personal |= {name} if is_personal else set()
                self._groups |= {name} if is_group(words) else set()

    def iter_found(self, cells: Sequence[str], line: int = 0) -> Iterator[tuple[str, str]]:
        """Iterate over (heading, cell) of the cells of a row that exclude its person."""
        for at, values in self._values.items():
            values.add(cells[at].strip() if at < len(cells) else "", line)
        for at, name, excluding in self._columns:
            cell = cells[at].strip() if at < len(cells) else ""
            if 0 < len(cell) <= _SHORT:
                judge = _judge_personal if name in self._personal else _judge_cell
                verdict = SURE if read_answer(cell) == excluding else judge(cell)
                if verdict == SURE:
                    yield name, cell
                elif verdict:
                    self.doubtful[name, cell].append(line)
                elif (kind := self._kinds[name]) and may_exclude(kind, cell):
                    self._doubted[name][cell].append(line)

    def _map_asked(self) -> dict[str, str]:
        """Heading of a column with few values, or mostly empty → its values with counts; without those whose cells are all doubtful."""
        told = defaultdict[str, set[str]](set)
        for name, cell in self.doubtful:
            told[name].add(cell)
        asked = (values for values in self._values.values() if values.heading not in self._groups and values.is_asked)
        return {
            values.heading: values.show()
            for values in asked
            if not values.has_only(told[values.heading]) and (values.heading not in self._personal or values.is_switch)
        }

    def iter_doubtful(self) -> Iterator[tuple[str, str, int]]:
        """Iterate over (heading, cell, line) of cells that may exclude a person; over (heading, all values, 0) of columns."""
        asked = self._map_asked()
        for (name, cell), lines in self.doubtful.items():
            yield from ((name, cell, line) for line in lines)
        for name, found in self._doubted.items():
            yield from ((name, cell, line) for cell, lines in found.items() for line in lines if name not in asked)
        yield from ((name, shown, 0) for name, shown in asked.items())

    def list_doubts(self) -> list[str]:
        """Describe the doubtful cells, and the doubtful columns with some of their cells."""
        asked = self._map_asked()
        cells = [
            f"line {_show(lines)}: '{cell}' in column '{name}' may mean that this person is to get no {self.sent}. If so, remove the row. "
            f"If not, add `--copy {quote(name)}`."
            for (name, cell), lines in self.doubtful.items()
        ]
        columns = [
            f"line {_show(sorted(line for lines in found.values() for line in lines))}: the column '{name}' may tell who is to get no "
            f"{self.sent}: {join_names(found, 3)}. If so, remove these rows. If not, add `--copy {quote(name)}`."
            for name, found in self._doubted.items()
            if name not in asked
        ]
        return (
            cells
            + columns
            + [
                f"the column '{name}' does not prevent a {self.sent}: {shown}. If one of these values means that a person is to get "
                f"no {self.sent}, remove these rows. If not, add `--copy {quote(name)}`."
                for name, shown in asked.items()
            ]
        )

    def describe(self, name: str, cell: str) -> str:
        """The mistake of a cell that excludes its person."""
        return (
            f"'{cell}' in column '{name}' seems to exclude this person, but does not prevent a {self.sent}. Remove the row; or add "
            f"`--copy {quote(name)}` if the column is only to be copied."
        )

    def list_warnings(self) -> list[str]:
        """Describe columns of groups that are all yes and no, with a rare value."""
        groups = (values for values in self._values.values() if values.heading in self._groups)
        found = [f"{values.heading}: {values.show()}" for values in groups if values.is_switch and values.has_rare]
        return [f"These columns do not prevent a link: {'; '.join(found)}."] if found else []


def _show(lines: Sequence[int]) -> str:
    return f"{', '.join(map(str, lines[:5]))}{', …' * (len(lines) > 5)}"


def _find_excluding(heading: str) -> str:
    """The answer, YES or NO, that excludes a person under a heading; empty for any other heading."""
    if _judge(heading, frozenset(_STATES | _ACTIONS)) == SURE:
        return SAYS_YES
    return SAYS_NO if _judge(heading, frozenset(_ASKING)) == SURE else ""


@lru_cache(maxsize=20_000)
def _judge_cell(cell: str) -> str:
    verdict, words = _judge(cell, frozenset(_ACTIONS | _STATES)), {*_split(cell)}
    is_refusal = words & _NEGATING and words & _TAKING_PART and not words & (_TOPICS - _PARENTS)
    return verdict or (DOUBTFUL if is_refusal else "")


@lru_cache(maxsize=20_000)
def _judge_personal(cell: str) -> str:
    """Whether a cell in a column of names or addresses is a phrase such as `niet benaderen`, or has a mark of persons who left; names may
    be words such as Weigert."""
    if "@" in cell:
        return ""
    if _judge(cell, frozenset(_ACTIONS)) == SURE:
        return SURE
    return DOUBTFUL if "†" in cell or not _GONE.isdisjoint(_BESIDE.split(cell.casefold())) else ""


def _judge(text: str, phrases: Collection[str]) -> str:
    """Whether a text is one of the phrases: SURE if other words change nothing, DOUBTFUL if they may, else empty."""
    words = [word for word in _split(text) if word not in _FILLERS and (len(word) > 1 or word.isdecimal())]
    runs = [(at, end) for at in range(len(words)) for end in range(at + 1, min(at + _LONGEST, len(words)) + 1)]
    found = [(at, end) for at, end in runs if "".join(words[at:end]) in phrases and words[at - 1 : at] not in _NEGATIONS]
    rests = [{word for word in words[:at] + words[end:] if not word.isdecimal()} - _NEUTRAL - {*phrases} for at, end in found]
    if not rests or any(rest & _TOPICS for rest in rests):
        return ""
    return DOUBTFUL if all(rests) else SURE


def _split(text: str) -> list[str]:
    """The words of a text in small letters, without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(_CAPITAL.sub(" ", plain).casefold().replace("e-mail", "email"))
