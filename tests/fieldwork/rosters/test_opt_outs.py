"""Cells that exclude a person from a fieldwork are refused like columns that do."""

from __future__ import annotations

from shlex import quote

import pytest

from survey_engine.fieldwork.rosters.csv import read_roster
from survey_engine.fieldwork.rosters.opt_outs import OptOuts, is_excluding, may_take_part
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


@pytest.mark.parametrize(
    "cell",
    [
        "Niet-benaderen",
        "niet aanschrijven",
        "do-not-contact",
        "géén enquête",
        "heeft zich afgemeld",
        "geen contact opnemen",
        "NietBenaderen",
        "niet_mailen",
        "wil niet",
        "Geen enquêtes a.u.b.",
        "afgemeld per 1-9-2026",
        "doet niet mee",
        "Do not e-mail",
    ],
)
def test_a_phrase_that_excludes_is_found_however_it_is_written(cell):
    assert list(OptOuts(["remark"], ["remark"]).iter_found([cell])) == [("remark", cell)]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *((heading, "ja") for heading in ("Uitgeschreven", "Overleden", "Bezwaar", "geen toestemming")),
        *(("Actief", cell) for cell in ("nee", "N", "0")),
        *((heading, "FALSE") for heading in ("Contact toegestaan", "Mail toegestaan", "mag_gemaild_worden", "magBenaderdWorden")),
    ],
)
def test_an_answer_excludes_by_its_heading(heading, cell):
    assert list(OptOuts([heading], [heading]).iter_found([cell])) == [(heading, cell)]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *(("opmerking", cell) for cell in ("wil niet op de foto", "afgemeld voor gym", "bezwaar tegen rooster")),
        ("opmerking", "geen toestemming voor foto"),
        *(("mentor", "Overleden-Jansen"), ("nieuwsbrief", "opt-out"), ("ouders benaderd", "nee"), ("Overleden", "nee")),
        *(("Actief", "ja"), ("Afgemeld voor gym", "ja"), ("status", "uitgenodigd")),
        *(("opmerking", cell) for cell in ("geen bezwaar", "niet afgemeld", "not excluded", "heeft geen bezwaar gemaakt")),
    ],
)
def test_a_cell_about_something_else_is_accepted_silently(heading, cell):
    found = OptOuts([heading], [heading])
    assert not is_excluding(heading) and not list(found.iter_found([cell])) and not found.doubtful


@pytest.mark.parametrize("cell", ["mag niet naar huis bellen", "afgemeld door moeder", "bezwaar tegen plaatsing"])
def test_a_cell_that_a_rule_cannot_judge_is_shown_and_asked(tmp_path, questionnaire, cell):
    content = f"name,remark,institution\nAn,,noorderlicht\nBo,{cell},noorderlicht\n"
    (question,) = read_roster(write_list(tmp_path, content), questionnaire).questions
    assert f"line 3: '{cell}' in column 'remark' may mean" in question


@pytest.mark.parametrize("heading", ["JOB uitsluiten", "UITSLUITEN_JN", "Uitsluiten_2026", "Excl.", "Niet aanschrijven"])
def test_a_heading_that_excludes_is_known_beside_other_words(heading):
    assert is_excluding(heading)


@pytest.mark.parametrize("heading", ["Uitsluiten", "is excluded", "Niet mailen", "Do not email", "Opted out", "geen enquêtes"])
def test_a_heading_that_excludes_persons_is_known(heading):
    assert is_excluding(heading)


DOUBTED = {
    **dict.fromkeys(("AVG toestemming", "Akkoord onderzoek", "mailbaar", "GDPR consent", "AVG", "consent given"), "nee"),
    **dict.fromkeys(("Participates", "Research consent", "Toestemming e-mail", "Einwilligung", "accord", "opt in AVG"), "no"),
    **dict.fromkeys(("Blokkade", "blacklist", "suppress", "DNC", "AVG bezwaar", "Zwarte lijst", "exclu"), "x"),
    **dict.fromkeys(("do_not_survey", "ne pas contacter", "Nicht kontaktieren", "keine Einwilligung", "niet akkoord"), "oui"),
    **dict.fromkeys(("Unsubscribed at", "opt-out datum", "afmelddatum", "Datum bezwaar"), "2026-10-01"),
    "reden uitsluiting": "stage",
    "contactvoorkeur": "geen",
    "status": "uitgestroomd",
}


@pytest.mark.parametrize(("heading", "cell"), DOUBTED.items())
def test_a_column_that_may_exclude_persons_is_named_with_both_remedies(heading, cell):
    found = OptOuts([heading], [heading])
    assert is_excluding(heading) or list(found.iter_found([cell], 2)) or f"--copy {quote(heading)}" in found.list_doubts()[0]


@pytest.mark.parametrize("cell", ["nee.", "Nee, liever niet", "-", "declined", "FALSE", "nein", "ingetrokken"])
def test_any_form_of_no_under_a_heading_of_consent_is_asked_about(cell):
    found = OptOuts(["AVG toestemming", "mag_mailen"], ["AVG toestemming", "mag_mailen"])
    refused = list(found.iter_found([cell, cell], 2))
    assert len(refused) + len(found.list_doubts()) == 2


def test_one_column_with_many_dates_is_one_question():
    found = OptOuts(["afmelddatum"], ["afmelddatum"])
    for line in range(2, 400):
        assert not list(found.iter_found([f"2026-{line % 12 + 1:02}-{line % 28 + 1:02}"], line))
    (question,) = found.list_doubts()
    assert question.startswith("line 2, 3, 4, 5, 6, …: the column 'afmelddatum' may tell")


ORDINARY = (
    "Studentnummer|Leerlingnummer|Voornaam|Tussenvoegsel|Achternaam|Roepnaam|E-mail|E-mailadres school|Geslacht|Geboortedatum|Leeftijd|"
    "Klas|Groep|Team|Domein|Locatie|Vestiging|Opleiding|Opleidingscode|Crebo|Niveau|Leerweg|Leerjaar|Cohort|Startdatum|Einddatum|Mentor|"
    "Coach|Docent|Telefoon|Mobiel|Straat|Huisnummer|Postcode|Woonplaats|Land|Nationaliteit|Thuistaal|Vooropleiding|Profiel|Vakkenpakket|"
    "Stagebedrijf|BPV-uren|Deelnemersnummer|Deelnemercode|Inschrijfdatum|Diplomadatum|Gemiddelde cijfer|AVG cijfer|Bedrag exclusief btw|"
    "Lesgroep|Blok|Periode|Rooster|Examen|Hoofdopleiding|Afstandsonderwijs|Kunstopleiding|Internationale student|Voltijd|Bekostigd|LWOO|"
    "Leerplichtig|Passend onderwijs|Contactpersoon|Contactdag|Mailing|Magister-id|Exclusief|Accountnaam|"
    "Opmerking|Nieuwsbrief|Foto toestemming"
)


@pytest.mark.parametrize("cell", ["ja", "nee", "0", "1", "-", "x", "2026-10-01", "stage", "geen", "FALSE"])
def test_ordinary_columns_raise_no_alarm(cell):
    header = ORDINARY.split("|")
    found = OptOuts(header, header)
    assert len(header) >= 60 and not list(found.iter_found([cell] * len(header), 2)) and not found.list_doubts()


@pytest.mark.parametrize("heading", ["Naam", "Achternaam", "Roepnaam"])
def test_a_mark_of_a_person_who_left_beside_a_name_is_asked_about(heading):
    cells = ["† Mees", "Iris (gestopt)", "ZZ Sanne UITGESCHREVEN", "Weigert, Hans", "Jan Stop", "Lieke Uit den Boogaard"]
    opt_outs = OptOuts([heading], [heading])
    for line, cell in enumerate(cells, 2):
        assert not list(opt_outs.iter_found([cell], line))
    assert [cell for _, cell in opt_outs.doubtful] == cells[:3]


@pytest.mark.parametrize(
    "reason",
    [
        *(
            "nee (stage afgerond)",
            "Nee, doet gewoon mee",
            "Niet uitsluiten",
            "geen uitsluiting",
            "doet mee",
            "mag meedoen",
            "neemt deel",
        ),
        *("wel", "Wel benaderen", "in", "actief", "ok", "O.K.", "meedoen", "nein, nimmt teil", "not to be excluded"),
    ],
)
def test_a_reason_to_leave_out_a_person_may_say_the_opposite(reason):
    assert may_take_part(reason)


@pytest.mark.parametrize(
    "reason",
    [
        *(
            "stage",
            "ziek",
            "niet benaderen",
            "doet niet mee",
            "wil niet meedoen",
            "ouders willen niet dat kind meedoet",
            "no-show",
        ),
        *("in buitenland", "geen toestemming", "uitgesloten", "afgemeld 3/11", "geen e-mailadres", "non-actief", "✝"),
    ],
)
def test_reasons_to_leave_out_a_person_are_no_doubt(reason):
    assert not may_take_part(reason)
