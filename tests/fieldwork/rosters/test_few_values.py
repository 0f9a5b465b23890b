"""Columns with few values, or mostly empty, are shown with their counts before links are made."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.opt_outs import OptOuts


def judge(heading: str, rare: str, other: str) -> str:
    """Find what is said of a column in which one of eight rows has another value."""
    found = OptOuts([heading], [heading])
    refused = [cell for line in range(2, 10) for cell in found.iter_found([rare if line == 5 else other], line)]
    return "refused" if refused else "asked" if found.list_doubts() else "shown" if found.list_warnings() else ""


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


@pytest.mark.parametrize(
    ("heading", "rare", "other"),
    [
        *((heading, "", other) for heading in ("Toestemming", "Akkoord onderzoek", "Actief") for other in ("ja", "x", "✓")),
        *((heading, "", "01-10-2026") for heading in ("Opt-in", "Datum akkoord")),
        *((heading, "01-10-2026", "") for heading in ("Uitschrijfdatum", "Datum uitschrijving", "Uitstroomdatum")),
        *(("Mailing", "✗", "✓"), ("Mag benaderd worden", "☐", "☑"), ("Inschrijfstatus", "Beëindigd", "Definitief")),
        *(("Reden uitschrijving", "Verhuizing", ""), ("Uitsl.", "ja", ""), ("Privacy", "X", ""), ("Ontvangt link", "nee", "ja")),
        *(
            ("Opmerking", cell, "")
            for cell in ("verwijderd", "svp weglaten", "schoolverlater", "ouders weigeren", "geheim adres")
        ),
    ],
)
def test_a_column_that_only_some_rows_have_is_asked_about(heading, rare, other):
    assert judge(heading, rare, other) == "asked"


def test_mostly_empty_columns_are_asked_about_whatever_their_values():
    found = OptOuts(["Uitstroomdatum"], ["Uitstroomdatum"])
    for line in range(2, 102):
        assert not list(found.iter_found([f"{line % 28}-10-2026" if line % 5 == 0 else ""], line))
    (question,) = found.list_doubts()
    assert "empty 80, 5-10-2026 1 (line 5)" in question and "others 15" in question


def test_an_ordinary_list_of_one_school_raises_no_question():
    names = "Klas Team Locatie Leerweg Niveau Leerjaar Geslacht Tussenvoegsel E-mail_2 Code_opleiding Startdatum Naam Postcode"
    header = names.split()
    found = OptOuts(header, header)
    for line in range(2, 62):
        odd = line % 2
        row = [
            "1A",
            "Zorg",
            "Hal",
            "BOL",
            "2",
            "1",
            "M",
            "van" * odd,
            "a@b.nl" * odd,
            "25655",
            "01-08-2026",
            f"N{line}",
            "1234AB",
        ]
        assert not list(found.iter_found([cell + "B" * (odd and at < 3) for at, cell in enumerate(row)], line))
    assert not found.list_doubts()


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
    (question,) = found.list_doubts()
    assert "AAN 3, UIT 1" in question and "--copy Mailing" in question
