"""Numbers of persons invited, started and completed at an institution, in all and by label."""

from __future__ import annotations

from typing import NamedTuple

from survey_engine.fieldwork.group_totals import ALL_PERSONS, LEAST_PERSONS, ShownTotals

OPEN_LINK_GROUP, OTHER_LABELS = "open link", "others"
"""Labels of two rows: responses by the open link, and persons who have no label of this kind or are in small groups."""


class Rate(NamedTuple):
    """One row of the table. A number is None if it may not be shown, or if it is unknown, as the invited persons of an open link."""

    institution: str
    kind: str
    """The kind of label, such as class; empty for all persons with a personal link, and for an open link."""
    label: str
    invited: int | None
    started_at_least: int | None
    completed_at_least: int | None


def list_rates(institution: str, shown: ShownTotals, kind: str = "") -> list[Rate]:
    """List the rows of an institution: all personal links, the open link, and each label of this kind that enough persons have."""
    rates = [Rate(institution, "", "", *shown.summarise_list())]
    if shown.open:
        rates.append(Rate(institution, "", OPEN_LINK_GROUP, None, shown.open.started, shown.open.completed))
    if kind not in shown.kinds:
        return rates
    groups = sorted(group for group, persons in shown.persons.items() if group[0] == kind and persons >= LEAST_PERSONS)
    rates += [Rate(institution, kind, shown.count.spellings.get(group, group[1]), *shown.summarise(group)) for group in groups]
    if others := shown.persons[ALL_PERSONS] - sum(shown.persons[group] for group in groups):
        steps = shown.sum_steps((kind, "")) if others >= LEAST_PERSONS else (None, None)
        rates.append(Rate(institution, kind, OTHER_LABELS, others, *steps))
    return rates
