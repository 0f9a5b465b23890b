"""Arms of experiments that no condition names: a single arm, probably forgotten, or several arms that are therefore equal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey_engine.analysis.checks.repeats import iter_used_conditions
from survey_engine.analysis.tried_values import iter_subtrees
from survey_engine.model.conditions import Compare, Constant, Name
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import EXPERIMENT, Questionnaire

_CONTROL = re.compile(r"control|controle|kontroll|none|no_|geen|without|zonder|ohne|usual|standard|base")
"""Codes of control arms, which conditions need not name."""


def check_arms(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report the one arm that no condition names, in an experiment of three arms or more; and several such arms, which are equal."""
    named: dict[str, set[object]] = {}
    for condition in [*questionnaire.conditions.values(), *iter_used_conditions(questionnaire)]:
        for part in iter_subtrees(condition.tree):
            if isinstance(part, Compare) and isinstance(part.left, Name) and isinstance(part.right, Constant):
                value = part.right.value
                named.setdefault(part.left.code, set()).update(value if isinstance(value, tuple) else (value,))
    for experiment in questionnaire.experiments.values():
        known = named.get(EXPERIMENT + experiment.code, set())
        left = [arm for arm in experiment.arms if arm not in known]
        if len(left) == 1 and len(experiment.arms) > 2 and not _CONTROL.search(left[0]):
            facts = {"arm": left[0], "name": experiment.code}
            yield Problem("unnamed-arm", experiment.place, facts)
        elif known and len(left) > 1:
            yield Problem("equal-arms", experiment.place, {"arms": join_names(left), "name": experiment.code})
