"""Who robots are, when they answer, and what they write."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from itertools import islice
from random import Random

import pytest

from survey_engine.operations.simulation.population import draw_language, invent_background, invent_times
from survey_engine.operations.simulation.words import PROGRAMMES, SENTENCES, make_words
from tests.writing import write_head


def test_background_has_the_shares_of_students(tmp_path):
    questionnaire = write_head(tmp_path, {}, "institution: north\nname: North").questionnaire
    north = questionnaire.institutions["north"]
    found = [invent_background(questionnaire, north, Random(number)) for number in range(2000)]
    assert Counter(one["path"] for one in found)["bol"] / 2000 == pytest.approx(0.74, abs=0.03)
    assert Counter(one["level"] for one in found)[4] / 2000 == pytest.approx(0.57, abs=0.03)
    assert {one["programme"] for one in found} <= set(PROGRAMMES["en"])


def test_most_answer_in_the_first_language_and_some_in_each_other():
    found = Counter(draw_language(["nl", "en", "nt2"], Random(number)) for number in range(2000))
    assert found["nl"] / 2000 == pytest.approx(0.9, abs=0.02) and min(found.values()) > 50
    assert draw_language(["nl"], Random(1)) == "nl"


def test_responses_are_spread_over_the_school_days_of_a_fieldwork():
    times = list(islice(invent_times(date(2026, 11, 2), date(2026, 11, 29), Random(1)), 2000))
    assert len({begins.date() for begins, _ in times}) == 20
    assert all(begins.weekday() < 5 and time(8, 30) <= begins.time() < time(16) and begins < ends for begins, ends in times)


@pytest.mark.parametrize("language", SENTENCES)
def test_what_is_written_is_whole_sentences_where_they_fit(language):
    written = {make_words(Random(number), language, 200) for number in range(50)}
    assert len(written) > 20 and all(text.endswith(".") for text in written)
    assert max(len(make_words(Random(number), language, 20)) for number in range(50)) <= 20
