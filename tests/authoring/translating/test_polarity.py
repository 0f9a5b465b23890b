"""A scale that was turned round in new words is refused; one whose direction cannot be found is shown beside its source."""

from __future__ import annotations

import pytest

from survey_engine.authoring.translating.polarity import find_polarities, iter_reversed_labels, list_undecided
from survey_engine.authoring.translating.units import Unit
from tests.authoring.translating.test_moved_wordings import make_units

SATISFIED = ["Heel ontevreden", "Ontevreden", "Neutraal", "Tevreden", "Heel tevreden"]
GERMAN = ["Äußerst unzufrieden", "Eher unzufrieden", "Neutral", "Eher zufrieden", "Äußerst zufrieden"]
SCALES = {
    "nl": SATISFIED,
    "de": GERMAN,
    "en": ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
    "words": ["Helemaal niet mee eens", "Niet mee eens", "Neutraal", "Mee eens", "Helemaal mee eens"],
    "de words": ["Stimme gar nicht zu", "Stimme nicht zu", "Neutral", "Stimme zu", "Stimme voll zu"],
    "pap": ["Masha no satisfecho", "No satisfecho", "Neutral", "Satisfecho", "Masha satisfecho"],
    "oneens": ["Helemaal oneens", "Oneens", "Niet eens, niet oneens", "Eens", "Helemaal eens"],
}


@pytest.mark.parametrize("labels", SCALES.values(), ids=SCALES)
def test_negated_labels_and_their_opposites_are_found(labels: list[str]) -> None:
    assert find_polarities(labels) == [-1, -1, 0, 1, 1]


@pytest.mark.parametrize(
    "labels",
    [
        ["Nooit", "Soms", "Altijd"],
        ["Onderwijs", "Techniek"],
        ["Nee", "Ja"],
        ["I don't know", "I did it"],
        ["Zeer slecht", "Zeer goed"],
    ],
)
def test_labels_without_a_negated_opposite_have_no_polarity(labels: list[str]) -> None:
    assert not any(find_polarities(labels))


def make_scale(source: list[str], wording: list[str]) -> dict[str, Unit]:
    return make_units({f"scale.satisfied.{at}": pair for at, pair in enumerate(zip(source, wording, strict=True), 1)})


@pytest.mark.parametrize("source", SCALES)
@pytest.mark.parametrize("target", SCALES)
def test_a_scale_turned_in_new_words_is_found(source: str, target: str) -> None:
    units = make_scale(SCALES[source], [""] * 5)
    turned = dict(zip(units, SCALES[target][::-1], strict=True))
    assert [code for code, _ in iter_reversed_labels(turned, units)] == [f"scale.satisfied.{at}" for at in (1, 2, 4, 5)]
    assert list(iter_reversed_labels(dict(zip(units, SCALES[target], strict=True)), units)) == []
    assert list_undecided(turned, units) == []


def test_one_label_of_the_opposite_direction_is_found() -> None:
    units = make_scale(SATISFIED, GERMAN)
    assert [code for code, _ in iter_reversed_labels({"scale.satisfied.1": "Höchst zufrieden"}, units)] == ["scale.satisfied.1"]


def test_a_scale_without_negations_is_shown_beside_its_source() -> None:
    units = make_scale(["Slecht", "Matig", "Goed"], ["", "", ""])
    changes = dict(zip(units, ["Gut", "Mittel", "Schlecht"], strict=True))
    assert list_undecided(changes, units) == ["scale.satisfied: “Slecht” → “Gut”; “Matig” → “Mittel”; “Goed” → “Schlecht”"]
