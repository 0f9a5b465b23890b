"""Columns of yes, no or a state are shown with their counts before links are made."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.opt_outs import OptOuts


def judge(heading: str, rare: str, other: str) -> str:
    """Find what is said of a column in which one of eight rows has another value."""
    found = OptOuts([heading], [heading])
    refused = [cell for line in range(2, 10) for cell in found.iter_found([rare if line == 5 else other], line)]
    return "refused" if refused else "asked" if found.list_questions() else "shown" if found.list_warnings() else ""


@pytest.mark.parametrize(
    ("heading", "rare", "other"),
    [
        *(("Mailing", "UIT", other) for other in ("AAN", "")),
        *((heading, "nee", "ja") for heading in ("Verzenden", "Mail sturen?", "Enquête", "NPS", "Selectie", "Uitnodiging")),
        *((heading, "J", "N") for heading in ("Indicatie geheim", "Blokkade")),
        *(("Inschrijfstatus", "Uitgestroomd", "Ingeschreven"), ("Akkoord enquête", "0", "1"), ("Deelname", "nooit", "ja")),
        *(("Studentstatus", "inactief", "actief"), ("Opmerking", "Ouder wil niet dat kind meedoet", "")),
    ],
)
def test_a_column_about_taking_part_is_asked_about(heading, rare, other):
    assert judge(heading, rare, other) == "asked"


@pytest.mark.parametrize("heading", ["Internationale student", "Minderjarig", "Herkansing", "BBL"])
def test_another_column_of_yes_and_no_is_shown_and_stops_nothing(heading):
    assert judge(heading, "ja", "nee") == "shown"


@pytest.mark.parametrize(
    ("heading", "rare", "other"),
    [
        *(
            ("Foto", "nee", "ja"),
            ("Geslacht", "M", "V"),
            ("class", "3A", "3B"),
            ("E-mail", "-", "a@b.nl"),
            ("E-mail", "", "a@b.nl"),
        ),
        *(
            ("Leerweg", "BOL", "BBL"),
            ("Niveau", "4", "3"),
            ("Locatie", "Uit", "Thuis"),
            ("name", "Nee", "Jan"),
            ("Mailing", "ja", "ja"),
        ),
    ],
)
def test_an_ordinary_column_is_not_mentioned(heading, rare, other):
    assert judge(heading, rare, other) == ""


def test_the_question_has_the_counts():
    found = OptOuts(["Mailing"], ["Mailing"])
    for cell in ["AAN", "AAN", "UIT", "AAN"]:
        assert not list(found.iter_found([cell]))
    (question,) = found.list_questions()
    assert "AAN 3, UIT 1" in question and "--copy Mailing" in question
