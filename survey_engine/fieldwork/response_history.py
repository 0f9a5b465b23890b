"""History of response: the totals of each institution that were shown at the end of each day.

A day stores only the numbers that `group_totals` shows. So the history reveals no more than the numbers that were visible each day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from survey_engine.fieldwork.group_totals import Totals
from survey_engine.storage.response_counts import map_answered_institutions
from survey_engine.storage.response_days import Numbers, ShownDay, list_days, set_days
from survey_engine.storage.roster_seats import map_all_institutions

ALL = ""
"""The code of all institutions together."""


def record_days(totals: Totals, day: date, is_open: Callable[[str], bool] = lambda questionnaire: True) -> int:
    """Store the shown numbers of all institutions with links or responses on this day; return the number of institutions.

    Args: is_open: takes the code of a questionnaire; nothing is stored for questionnaires that have closed.
    """
    places = defaultdict[str, set[str]](set)
    for source in (map_all_institutions(totals.identity), map_answered_institutions(totals.answers)):
        for questionnaire, institutions in source.items():
            places[questionnaire].update(institutions)
    counted = 0
    for questionnaire in filter(is_open, sorted(places)):
        record_day(totals, questionnaire, places[questionnaire], day)
        counted += len(places[questionnaire])
    return counted


def record_day(totals: Totals, questionnaire: str, institutions: Iterable[str], day: date) -> None:
    """Store the shown numbers of these institutions on a day."""
    found = []
    for institution in sorted(institutions):
        shown = totals.show(questionnaire, institution, totals.count_institution(questionnaire, institution), ())
        by_link = (shown.open.started, shown.open.completed) if shown.open else (None, None)
        found.append(ShownDay(institution, day, Numbers(*shown.summarise_list(), *by_link)))
    set_days(totals.identity, questionnaire, found)


def read_history(totals: Totals, questionnaire: str, institutions: Collection[str] = ()) -> dict[str, list[ShownDay]]:
    """Return code of the institution → its days without gaps. With several institutions, `ALL` is first.

    Each number is the largest one shown until that day: the shown total can fall when classes get their own numbers.

    Args: institutions: codes; all institutions if empty.
    """
    stored = defaultdict[str, list[ShownDay]](list)
    for day in list_days(totals.identity, questionnaire):
        if not institutions or day.institution in institutions:
            stored[day.institution].append(day)
    if not stored:
        return {}
    first, last = (choose(day.day for days in stored.values() for day in days) for choose in (min, max))
    found = {institution: list(_fill_days(days, first, last)) for institution, days in stored.items()}
    if len(found) > 1:
        found = {ALL: [_add_days(days) for days in zip(*found.values(), strict=True)], **found}
    return found


def _fill_days(days: Sequence[ShownDay], first: date, last: date) -> Iterator[ShownDay]:
    """Yield each day from first to last. A day without a count has the numbers of the day before."""
    by_day = {each.day: each for each in days}
    known = Numbers()
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        now = by_day.get(day)
        if now is not None:  # a day with only a reminder has no numbers
            invited = known.invited if now.numbers.invited is None else now.numbers.invited
            known = Numbers(*map(_take_larger, known, now.numbers))._replace(invited=invited)
        yield ShownDay(days[0].institution, day, known, bool(now and now.reminded))


def _take_larger(one: int | None, other: int | None) -> int | None:
    return max((number for number in (one, other) if number is not None), default=None)


def _add_days(days: Sequence[ShownDay]) -> ShownDay:
    """Return the sums of one day. It counts as reminded if all institutions sent a reminder."""
    columns = zip(*(day.numbers for day in days), strict=True)
    sums = (sum(known) if (known := [number for number in column if number is not None]) else None for column in columns)
    return ShownDay(ALL, days[0].day, Numbers(*sums), all(day.reminded for day in days))
