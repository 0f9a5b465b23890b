"""Finds the code of a label that a list has instead of a code: "Ja" for "yes", "Niveau 2" for "2"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from survey_engine.model.questionnaire import Code, Variable
from survey_engine.model.variables import can_have

_NUMBER = re.compile(r"(-?)([0-9]{1,9})(?:[.,]0+(?![0-9]))?")


def advise_code(written: str, code: Code | None) -> str:
    """The advice at the end of a message; empty without a code."""
    return "" if code is None else f" Use {code} for '{written}'."


def find_code(written: str, labels: Iterable[tuple[Code, str]]) -> Code | None:
    """The code with this label, ignoring case; None when there is none or more than one.

    >>> find_code("JA", [("yes", "Yes"), ("yes", "Ja"), ("no", "Nee")])
    'yes'
    """
    found = {code for code, label in labels if label.casefold() == written.casefold()}
    return found.pop() if len(found) == 1 else None


def find_value(written: str, variable: Variable) -> Code | None:
    """The value with this label in any language, or the only number in the text; None when there is none."""
    labels = ((option.code, wording) for option in variable.options for wording in option.text.wording.values())
    code = find_code(written, labels)
    numbers = _NUMBER.findall(written)
    if code is not None or variable.kind != "number" or len(numbers) != 1:
        return code
    sign, digits = numbers[0]
    return int(digits) if not sign and can_have(variable, int(digits)) else None
