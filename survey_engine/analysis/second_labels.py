"""Options that are added under the label, or the meaning, of an answered code: its answers would have two codes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from survey_engine.analysis.checks.repeated_options import SAME_MEANINGS
from survey_engine.analysis.definition_changes import share_institution
from survey_engine.analysis.editions import has_same_words, index_options
from survey_engine.analysis.rewordings import Rewording
from survey_engine.model.questionnaire import Place, Questionnaire, ResponseOption


def list_second_labels(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> list[Rewording]:
    """List the options that the newest version with their question lacks, beside the option that it has with their label.

    Args:
        earlier: versions, newest first.
    """
    found, seen = defaultdict[tuple[Place, str, str, str], list[str]](list), set[str]()
    now = index_options(questionnaire)
    for version in earlier:
        before = index_options(version)
        for code in now.keys() & before.keys() - seen:
            known = {option.code for option in before[code]}
            for option in now[code]:
                others = [] if option.code in known else [each for each in now[code] if each.code in known]
                for other, language in product(others, questionnaire.languages):
                    if share_institution(option, other) and _mean_same(option, other, language):
                        was, added = (f"{each.code}: {each.text.wording.get(language, '')}" for each in (other, option))
                        found[option.text.place_in(language), language, was, f"{was} · {added}"].append(code)
        seen |= before.keys()
    return [
        Rewording(tuple(f"options of {code}" for code in sorted(codes)), language, was, text, place)
        for (place, language, was, text), codes in found.items()
    ]


def _mean_same(one: ResponseOption, other: ResponseOption, language: str) -> bool:
    labels = [each.text.wording.get(language, "").strip() for each in (one, other)]
    return all(labels) and (has_same_words(*labels) or any(all(map(meaning.fullmatch, labels)) for meaning in SAME_MEANINGS))
