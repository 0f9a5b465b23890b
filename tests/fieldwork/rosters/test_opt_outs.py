"""Cells that exclude a person from a fieldwork are refused like columns that do."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.csv import read_roster
from survey_engine.fieldwork.rosters.opt_outs import OptOuts, is_excluding
from tests.fieldwork.rosters.test_csv import find_mistakes, questionnaire, write_list

__all__ = ["questionnaire"]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *(
            ("status", cell)
            for cell in ("uitgesloten", "Niet benaderen", "opt-out", "OPT_OUT", "afgemeld", "overleden", "Excluded")
        ),
        *(("opmerking", cell) for cell in ("niet meer mailen", "wil niet meedoen", "geen toestemming", "bezwaar, mail 3/11")),
        *(("mag benaderd worden", cell) for cell in ("nee", "Nee", "N", "0", "false", "onwaar")),
        *((heading, "nee") for heading in ("Toestemming", "Benaderen?", "opt-in", "mag gemaild worden", "Deelname onderzoek?")),
        *((heading, "no") for heading in ("consent", "may be contacted", "Opted in", "can be invited")),
    ],
)
def test_a_cell_that_excludes_a_person_is_refused(tmp_path, questionnaire, heading, cell):
    content = f'name,{heading},institution\nAn,,noorderlicht\nBo,"{cell}",noorderlicht\nCas,"{cell}",noorderlicht\n'
    (mistake,) = find_mistakes(tmp_path, questionnaire, content)
    assert mistake.startswith(f":3: '{cell}' in column '{heading}' seems to exclude this person") and "(2 rows" in mistake
    path = write_list(tmp_path, content)
    assert len(read_roster(path, questionnaire, copied=[heading])) == 3


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *(("status", cell) for cell in ("ingeschreven", "actief", "ja", "nee", "0", "uitstekend", "Optica", "niveau 3")),
        *(("name", cell) for cell in ("Nee", "No", "Niet", "Uit den Bogaard", "Weigert, Hans", "Wil Nietman")),
        *(("mag benaderd worden", cell) for cell in ("ja", "J", "1", "waar", "")),
        *(("e-mail", cell) for cell in ("opt-out@example.org", "nee@example.org")),
        ("mailing address", "no"),
        ("deelnemersnummer", "0"),
    ],
)
def test_a_cell_that_excludes_nobody_is_accepted(heading, cell):
    assert not list(OptOuts(["nr", heading], [heading]).iter_found(["1", cell]))


@pytest.mark.parametrize("heading", ["Uitsluiten", "is excluded", "Niet mailen", "Do not email", "Opted out", "geen enquêtes"])
def test_a_heading_that_excludes_persons_is_known(heading):
    assert is_excluding(heading)
