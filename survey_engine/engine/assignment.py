"""Assigns modules and arms of experiments: those that the council or the institution chose, and those drawn at random.

A draw takes the module or arm with the fewest responses relative to its share. A seed breaks ties, so a draw can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import log1p
from typing import Literal

from survey_engine.model.questionnaire import EXPERIMENT, Experiment, Institution, Questionnaire, Values
from survey_engine.model.rules import ModuleRule

AssignmentReason = Literal["council", "institution", "random"]


@dataclass(frozen=True, slots=True)
class Assigned:
    """A module of a respondent, or an arm as `name_arm` writes it, and the reason for it."""

    name: str
    reason: AssignmentReason


def name_arm(experiment: str, arm: str) -> str:
    """Return the assignment name of an arm. It contains an equals sign; a module code never does.

    >>> name_arm("layout", "fold"), split_names(["food", "layout=fold"])
    ('layout=fold', (('food',), {'layout': 'fold'}))
    """
    return f"{experiment}={arm}"


def split_names(names: Iterable[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Split assignment names into module codes and a mapping of experiment → arm."""
    listed = list(names)
    arms = (name.split("=", maxsplit=1) for name in listed if "=" in name)
    return tuple(name for name in listed if "=" not in name), dict(arms)


def list_rules(questionnaire: Questionnaire, language: str | None = None) -> list[ModuleRule]:
    """Return the module rules of the order's groups; if a language is given, only of groups that this variant shows."""
    variant = questionnaire.languages[language] if language else None
    return [group.modules for group in questionnaire.order if group.modules and (variant is None or variant.shows(group))]


def choose_modules(questionnaire: Questionnaire, institution: Institution, rule: ModuleRule) -> tuple[Assigned, ...]:
    """Return the modules of a group that all students of an institution get; of a module that both chose, the reason is "council"."""
    council = (Assigned(module, "council") for module in institution.council)
    own = (Assigned(module, "institution") for module in institution.chosen if module not in institution.council)
    shares = questionnaire.find_shares(rule)
    return tuple(assigned for assigned in (*council, *own) if assigned.name in shares)


def list_candidates(questionnaire: Questionnaire, institution: Institution, rule: ModuleRule) -> tuple[str, ...]:
    """Return the modules of a group from which at least some students of the institution draw one."""
    if not rule.random:
        return ()
    chosen = {*institution.council, *institution.chosen}
    return tuple(code for code in questionnaire.find_shares(rule) if code not in chosen)


def list_pool(questionnaire: Questionnaire, institution: Institution, rule: ModuleRule, known: Values) -> tuple[str, ...]:
    """Return the modules of a group that this respondent may draw: not chosen already, and with a condition that is true or absent."""
    candidates = ((code, questionnaire.modules[code]) for code in list_candidates(questionnaire, institution, rule))
    return tuple(
        code
        for code, module in candidates
        if (module.when is None or module.when.test(known))
        and (module.languages is None or known.get("language") in module.languages)
    )


def list_draws(
    questionnaire: Questionnaire, institution: Institution, known: Values
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return (chosen modules, pool from which one is drawn) for each group that the respondent's language variant shows."""
    return [
        (
            tuple(assigned.name for assigned in choose_modules(questionnaire, institution, rule)),
            list_pool(questionnaire, institution, rule, known),
        )
        for rule in list_rules(questionnaire, known["language"])
    ]


def assign(
    questionnaire: Questionnaire, institution: Institution, known: Values, counts: Mapping[str, int], seed: str
) -> tuple[Assigned, ...]:
    """Assign arms and modules to one respondent; modules in the order in which they are asked.

    Conditions of modules may use arms. A respondent who starts in a language variant without modules gets none, so no
    module counts as skipped.

    Args:
        known: values of background variables, `language` and `institution`; arms in it are kept.
        counts: module or arm → number of active or completed responses of this institution to which it was assigned at random.
        seed: breaks ties; the same seed and counts give the same draw.
    """
    arms = [Assigned(_draw_arm(experiment, known, counts, seed), "random") for experiment in questionnaire.experiments.values()]
    drawn = split_names(arm.name for arm in arms)[1]
    known = {**known, **{EXPERIMENT + code: arm for code, arm in drawn.items()}}
    modules: list[Assigned] = []
    for rule in list_rules(questionnaire, known["language"]):
        modules += choose_modules(questionnaire, institution, rule)
        shares = questionnaire.find_shares(rule)
        pool = {code: shares[code] for code in list_pool(questionnaire, institution, rule, known)}
        modules += [Assigned(draw(pool, counts, seed), "random")] if pool else []
    return (*modules, *arms)


def _draw_arm(experiment: Experiment, known: Values, counts: Mapping[str, int], seed: str) -> str:
    if experiment.variable in known:
        return name_arm(experiment.code, known[experiment.variable])
    return draw({name_arm(experiment.code, arm): share for arm, share in experiment.arms.items()}, counts, seed)


def draw(shares: Mapping[str, int], counts: Mapping[str, int], seed: str) -> str:
    """Return the name with the fewest responses relative to its share; a tie is broken at random, in proportion to the shares.

    Each tied name gets an exponential variable with its share as rate, computed from a hash; the smallest wins.

    >>> [draw({"a": 3, "b": 1}, {"a": 2, "b": count}, "seed") for count in (0, 1)]
    ['b', 'a']
    """
    fewest = min(counts.get(name, 0) / share for name, share in shares.items())
    tied = [name for name, share in shares.items() if counts.get(name, 0) / share == fewest]
    return min(tied, key=lambda name: -log1p(-_hash(f"{seed}:{name}")) / shares[name])


def _hash(text: str) -> float:
    """Return a number in [0, 1)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()[:6]) / 2**48
