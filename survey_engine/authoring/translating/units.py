"""The rows of a translator's spreadsheet: one per wording, so several for a message with plural forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from gettext import c2py

from babel.messages.catalog import Catalog, Message

from survey_engine.authoring.translating.catalogues import OFFERED, find_message, find_state, list_drafts, name_message
from survey_engine.authoring.translating.domains import Domain, SourceMessage, Variant
from survey_engine.language.interface_catalogues import counts_one, list_forms

IN_PLACE = "in place"
"""State of a wording in the questionnaire's files, which only its author can change."""
_NUMBERS = 200
"""Plural rules are described by their values for the numbers below this one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One wording to translate."""

    code: str
    message: SourceMessage
    index: int
    """Index of the plural form; 0 if there is only one form."""
    source: str
    wording: str
    state: str
    """One of done, draft, stale, missing and `IN_PLACE`."""
    note: str = ""
    may_omit_number: bool = False
    """Whether this plural form is used for a single number, which a translation may write as a word."""


def iter_translation_units(domain: Domain, variant: Variant, catalogue: Catalog, everything: bool = False) -> Iterator[Unit]:
    """Yield the texts of a variant in reading order; with `everything`, also texts of other variants and unused texts."""
    drafts = list_drafts(catalogue)
    for message in domain.messages:
        if written := message.in_place.get(variant.code):
            note = "\n".join(filter(None, [f"Written in {written.place}: ask its author for changes.", message.context.remark]))
            yield Unit(message.code, message, 0, message.source, written.text, IN_PLACE, note)
        elif variant.code in message.languages or (everything and message.in_catalogues):
            yield from _iter_forms(message, find_message(catalogue, domain, message), catalogue, drafts)


def _iter_forms(message: SourceMessage, found: Message | None, catalogue: Catalog, drafts: Collection[str]) -> Iterator[Unit]:
    """Yield a unit for each wording of a message in a catalogue."""
    forms = list_forms(found) if found else ("",)
    state: str = find_state(found)
    if state == "done" and found and name_message(found) in drafts:
        state = "draft"
    older = f"Translates an older text: {found.previous_id[0]}" if found and found.fuzzy and found.previous_id else ""
    offered = (
        "Offered: an equal text has this translation. If it is right here, write x in the column 'unchanged'."
        if found and OFFERED in found.user_comments
        else ""
    )
    note = "\n".join([*message.remarks, *filter(None, [message.context.remark, older, offered])])
    count = catalogue.num_plurals if message.plural else 1
    for index in range(count):
        wording = forms[index] if index < len(forms) else ""
        code = f"{message.code}.{index}" if message.plural else message.code
        numbers = describe_numbers(catalogue.plural_expr, index) if count > 1 else ""
        which = f"For the number{'' if numbers.isdecimal() else 's'} {numbers}." if numbers else ""
        one = found is not None and counts_one(catalogue, found, index)
        notes = "\n".join(filter(None, [which, note]))
        fits_one = count > 1 and c2py(catalogue.plural_expr)(1) == index
        source = message.plural if message.plural and not fits_one else message.source
        yield Unit(code, message, index, source, wording, state, notes, one)


def describe_numbers(plural_rule: str, form: int) -> str:
    """Describe the numbers for which a plural form is used, in at most three groups.

    >>> describe_numbers("(n != 1)", 1), describe_numbers("(n%10==1 && n%100!=11 ? 0 : 1)", 0)
    ('0, 2 and more', '1, 21, 31 …')
    """
    plural = c2py(plural_rule)
    groups: list[list[int]] = []
    for number in (number for number in range(_NUMBERS) if plural(number) == form):
        if groups and groups[-1][1] == number - 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    shown = [_describe_group(first, last) for first, last in groups[:3]]
    return ", ".join(shown) + (" …" if len(groups) > len(shown) else "")


def _describe_group(first: int, last: int) -> str:
    if last == _NUMBERS - 1:
        return f"{first} and more"
    return str(first) if first == last else f"{first}–{last}"
