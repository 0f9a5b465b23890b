"""Labels that stand in a list instead of codes: "Ja" for "yes", "Niveau 2" for "2"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from survey_engine.model.questionnaire import Code, Variable
from survey_engine.model.variables import can_have

_NUMBER = re.compile(r"(-?)([0-9]{1,9})(?:[.,]0+(?![0-9]))?")


def advise_code(written: str, code: Code | None) -> str:
    """The last sentence of a mistake, where a code is meant by what was written."""
    return "" if code is None else f" Use {code} for '{written}'."


def find_code(written: str, labels: Iterable[tuple[Code, str]]) -> Code | None:
    """The one code that has this label, in any capitals.

    >>> find_code("JA", [("yes", "Yes"), ("yes", "Ja"), ("no", "Nee")])
    'yes'
    """
    found = {code for code, label in labels if label.casefold() == written.casefold()}
    return found.pop() if len(found) == 1 else None


def find_value(written: str, variable: Variable) -> Code | None:
    """The value of a variable that is meant: by its label in any language, or the only number that is written."""
    labels = ((option.code, wording) for option in variable.options for wording in option.text.wording.values())
    code = find_code(written, labels)
    numbers = _NUMBER.findall(written)
    if code is not None or variable.kind != "number" or len(numbers) != 1:
        return code
    sign, digits = numbers[0]
    return int(digits) if not sign and can_have(variable, int(digits)) else None
