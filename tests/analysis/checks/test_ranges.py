"""Ranges of numbers in the labels of options."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.checks.options import check_options
from tests.analysis.checks.advice import name_codes
from tests.writing import write_questions


def check(tmp_path: Path, labels: str) -> list[str]:
    options = ", ".join(f"o{number}: {label}" for number, label in enumerate(labels.split(" | ")))
    written = write_questions(tmp_path, f"- choice: which\n  text: Which?\n  options: {{{options}}}")
    return name_codes(check_options(written.questionnaire))


@pytest.mark.parametrize(
    "labels",
    [
        "0-5 hours | 6-10 hours | More than 15 hours",
        "0-5 hours | 6-10 hours | More than 8 hours",
        "Fewer than 8 hours | 6-10 hours | More than 10 hours",
        "0 tot en met 5 uur | 6 tot en met 10 uur | Meer dan 12 uur",
        "Hooguit 25 minuten | 16 tot en met 30 minuten | Meer dan 30 minuten",
        "Weniger als 5 Stunden | 6 bis 10 Stunden | 11 Stunden oder mehr",
        "0 te 5 ora | 6 te 10 ora | Mas ku 12 ora",
        "18-20 | 21-24 | 24+",
        "18-20 years | 21-24 years | 26 years or older",
        "9 hours or less | 10 to 19 hours | 20 to 34 hours | 35 hours or less",
        "Minder dan 15 minuten | 20 tot 30 minuten | 30 minuten of meer",
        "Minder dan 15 minuten | 15 tot 30 minuten | 25 minuten of meer",
        "0 tot 10 minuten | 20 tot 30 minuten | 30 minuten of langer",
        "Tussen 0 en 15 uur | Tussen 10 en 30 uur | Langer dan 30 uur",
        "Between 0 and 15 hours | Between 20 and 30 hours | More than 30 hours",
        "Minder dan 15 minuten | 15 tot 30 minuten | Minder dan 30 minuten",
        "Tot 5 km | 7 tot 10 km | Meer dan 10 km",
        "Minder dan € 100 | € 100 tot € 2000 | € 200 of meer",
        "Een tot drie keer | Vijf tot acht keer | Negen keer of meer",
        "'< 5' | 5–10 | '> 11'",
        "'≤ 5' | 5–10 | '≥ 11'",
        "0–999 | 1.000–1.999 | 2.000–29.999 | 3.000 of meer",
        "'0–999' | '1,000–1,999' | '2,500 or more'",
        "2015–2017 | 2018–2019 | 2021–2022",
        "'0–1,9' | '2,5–3,9' | '4 of meer'",
        "Geen | Eén of twee | Vier of vijf | Zes of meer",
        "None | One or two | Two or three | Four or more",
        "5 uur tot 10 uur | 12 uur tot 15 uur | Meer dan 15 uur",
    ],
)
def test_an_open_end_joins_its_neighbour(tmp_path: Path, labels: str) -> None:
    assert check(tmp_path, labels) == ["range-overlap"]


@pytest.mark.parametrize(
    "labels",
    [
        "Less than 6 hours | 6-10 hours | More than 10 hours",
        "Hooguit 5 uur | 6 tot en met 10 uur | 11 uur of meer",
        "More than 10 hours | 6-10 hours | 0-5 hours",
        "Unter 18 | 18 bis 24 | Über 24",
        "Minder dan 5 uur | 5 tot 10 uur | 10 tot 20 uur | Meer dan 20 uur",
        "1 tot 5 | 5 tot 10 | 10 tot 15",
        "1 tot 5 | 6 tot 10 | 11 tot 15",
        "1 tot en met 5 | 6 tot en met 10 | 11 of meer",
        "Tot 5 km | 5 tot 10 km | 10 km of meer",
        "Minder dan € 100 | € 100 tot € 200 | € 200 of meer",
        "0 to under 10 minutes | 10 to under 30 minutes | 30 minutes or longer",
        "Tussen 0 en 15 minuten | Tussen 15 en 30 minuten | Langer dan 30 minuten",
        "Eén tot drie keer | Drie tot vijf keer | Vaker",
        "€ 1.000 tot € 2.000 | € 2.000 tot € 3.000 | € 3.000 of meer",
        "Ochtend (6 tot 12 uur) | Middag (12 tot 18 uur) | Avond (18 tot 24 uur) | Nacht (0 tot 6 uur)",
        "22 tot 6 uur | 6 tot 14 uur | 14 tot 22 uur",
        "Havo 4 tot 5 | Mbo 1 tot 4 | Vwo 4 tot 6",
        "Elke dag | 4 tot 6 keer per week | 1 tot 3 keer per week | 1 tot 3 keer per maand | Nooit",
        "Nooit | Minder dan één keer per maand | Eén keer per maand | Eén keer per week | Elke dag",
        "30-60 minutes | 1-2 hours | 3-4 hours | More than 4 hours",
        "€0 to €99.99 | €100 to €199.99 | €200 or more",
        "'< 5' | 5–10 | '> 10'",
        "'≤ 5' | 6–10 | '≥ 11'",
        "0–999 | 1.000–1.999 | 2.000–2.999 | 3.000 of meer",
        "2015–2017 | 2018–2019 | 2020–2022",
        "2023–2024 | 2022–2023 | 2020–2021",
        "'0–1,9' | '2–3,9' | '4 of meer'",
        "5.5–6.5 | 6.5–7.5 | 7.5 or more",
        "'0–5' | '5,5–6' | '6,5–10'",
        "9.30–12.00 | 13.00–15.00",
        "Geen | Een of twee | Drie of vier | Vijf of meer",
        "Groep 1 of 2 | Groep 4 of 6 | Groep 7 of 8",
        "Never | 1-2 times | 3-4 times | More often",
        "1 day a week | 2 or 3 days a week | More than 5 days a week",
    ],
)
def test_open_ends_that_join_or_cannot_be_compared_are_right(tmp_path: Path, labels: str) -> None:
    assert check(tmp_path, labels) == []


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ("0-15 minutes | 16-30 minutes | 31-45 hours | 46-60 minutes", ["range-unit"]),
        ("0-15 minutes | 16-30 minutes | 31-45 minutes | 1-2 hours", []),
        ("Less than 1 month | 1 to 3 weeks | 4 to 6 months | 7 months or more", ["range-unit"]),
        ("Less than 1 mile | 1 to 4 miles | 5 to 9 km | 10 to 19 miles", ["range-unit"]),
        ("0 tot 15 minuten | 16 tot 30 uur | Meer dan 30 minuten", ["range-unit"]),
        ("0 tot 60 minuten | 1 tot 2 uur | Meer dan 2 uur", []),
        ("Less than 6 months | 6 to 11 months | 1 year | More than 1 year", []),
    ],
)
def test_one_range_in_another_unit_is_reported(tmp_path: Path, labels: str, codes: list[str]) -> None:
    assert check(tmp_path, labels) == codes


@pytest.mark.parametrize(
    "labels",
    [
        "30 minuten of meer | Minder dan 15 minuten | 15 tot 30 minuten",
        "6 to 10 hours | 0 to 5 hours | 11 to 15 hours",
        "Nooit | Elke dag | Eén keer per maand | Eén keer per week",
        "Twice a week | Daily | Less than once a month | Never",
    ],
)
def test_ranges_and_rates_run_up_or_down(tmp_path: Path, labels: str) -> None:
    assert check(tmp_path, labels) == ["order-differs"]


@pytest.mark.parametrize("labels", ["0-5 hours | 10-6 hours | 11-20 hours", "0 t/m 5 uur | 10 t/m 6 uur | 11 t/m 20 uur"])
def test_a_range_that_runs_backwards_is_said_to(tmp_path: Path, labels: str) -> None:
    assert check(tmp_path, labels) == ["range-backwards"]
