"""Lists as spreadsheets and student systems save them: each is read rightly, or refused with its remedy."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.csv import read_roster
from tests.fieldwork.rosters.test_csv import find_mistakes, questionnaire, write_list

__all__ = ["questionnaire"]

HEAD = "nr;name;institution;path\r\n"
LIST = f"{HEAD}0012;Zoë Müller;noorderlicht;bol\r\n0013;Ünal O’Neill-CITROËN;zuidwester;bbl\r\n"
STUDENTS = [("0012", "Zoë Müller", "noorderlicht", "bol"), ("0013", "Ünal O’Neill-CITROËN", "zuidwester", "bbl")]
NBSP, ZERO_WIDTH, SOFT_HYPHEN = "\u00a0", "\u200b", "\u00ad"
READ = {
    "UTF-8": LIST.encode(),
    "UTF-8 with a byte order mark": LIST.encode("utf-8-sig"),
    "two byte order marks": b"\xef\xbb\xbf" + LIST.encode("utf-8-sig"),
    "Windows-1252": LIST.encode("cp1252"),
    "UTF-16 LE": b"\xff\xfe" + LIST.encode("utf-16-le"),
    "UTF-16 BE": b"\xfe\xff" + LIST.encode("utf-16-be"),
    "UTF-16 LE without a mark": LIST.encode("utf-16-le"),
    "UTF-16 BE without a mark": LIST.encode("utf-16-be"),
    "Unicode text of Excel": b"\xff\xfe" + LIST.replace(";", "\t").encode("utf-16-le"),
    "end mark of DOS": LIST.encode() + b"\x1a",
    "bars": LIST.replace(";", "|").encode(),
    "sep=;": f"sep=;\r\n{LIST}".encode(),
    "sep= in capitals and quotes": f'"SEP=;"\r\n{LIST}'.encode(),
    "sep= with trailing separators": f"sep=;;;;\r\n{LIST}".encode(),
    "sep= with a tab": f"sep=\t\r\n{LIST}".replace(";", "\t").encode(),
    "sep= in UTF-16": b"\xff\xfe" + f"sep=;\r\n{LIST}".encode("utf-16-le"),
    "a wrong sep=": f"sep=,\r\n{LIST}".encode(),
    "separators after every row": LIST.replace("\r\n", ";;;\r\n").encode(),
    "separators after the header": LIST.replace(HEAD, HEAD.replace("\r\n", ";;;\r\n")).encode(),
    "separators after one row": LIST.replace("bol\r\n", "bol;;;\r\n").encode(),
    "rows of separators": f"{LIST};;;\r\n;;;\r\n".encode(),
    "rows of other separators": f"{LIST},,,\r\n".encode(),
    "all cells in quotation marks": "".join(
        f'"{row.replace(";", chr(34) + ";" + chr(34))}"\r\n' for row in LIST.splitlines()
    ).encode(),
    "old line ends of Macintosh": LIST.replace("\r\n", "\r").encode(),
    "line ends of Unix": LIST.replace("\r\n", "\n").encode(),
    "doubled carriage returns": LIST.replace("\r\n", "\r\r\n").encode(),
    "mixed line ends": LIST.replace("path\r\n", "path\n").encode(),
    "no last line end": LIST.rstrip().encode(),
    "blank lines": LIST.replace("\r\n", "\r\n\r\n").encode(),
    "blank first lines": f"\r\n\r\n{LIST}".encode(),
    "no-break spaces around a heading": LIST.replace("institution", f"{NBSP}institution{NBSP}").encode(),
    "no-break spaces around a code": LIST.replace("noorderlicht", f"{NBSP}noorderlicht{NBSP}").encode(),
    "a zero-width space in a heading": LIST.replace("institution", f"institu{ZERO_WIDTH}tion").encode(),
    "a zero-width space in a code": LIST.replace("noorderlicht", f"noorderlicht{ZERO_WIDTH}").encode(),
    "a soft hyphen in a code": LIST.replace(";bol", f";b{SOFT_HYPHEN}ol").encode(),
    "formulas that keep zeros": LIST.replace("0012", '="0012"').encode(),
    "quoted formulas that keep zeros": LIST.replace("0012", '"=""0012"""').encode(),
    "formulas in every cell": LIST.replace("noorderlicht", '="noorderlicht"').replace("bol", '="bol"').encode(),
}
REFUSED = {
    "MS-DOS": (LIST.replace("’", "").encode("cp850"), ":2: this is not UTF-8 text. It seems to be “CSV (MS-DOS)” or"),
    "Macintosh": (LIST.encode("mac-roman"), ":2: this is not UTF-8 text. It seems to be “CSV (MS-DOS)” or “CSV (Macintosh)”."),
    "UTF-32": (LIST.encode("utf-32"), ":1: this is not text: it has a NUL character. Save it as “CSV UTF-8”."),
    "NUL in a cell": (LIST.replace("Zoë", "Zo\0").encode(), ":2: this is not text: it has a NUL character."),
    "half of a character": (b"\xff\xfe" + LIST.encode("utf-16-le") + b"\n", ":4: this is not UTF-16 text."),
    "a PDF file": (b"%PDF-1.7\n", ": this is a PDF file. Save it as"),
    "a web page": (b"<html><table><tr><td>institution", ": this is a web page"),
    "an archive": (b"\x1f\x8b\x08\0", ": this is a compressed file."),
    "colons": (
        LIST.replace(";", ":").encode(),
        ":1: cells must be divided by commas, semicolons or tabs, and line 1 is one cell",
    ),
    "a missing cell": (
        f"{LIST}14;Bo;noorderlicht".encode(),
        ":4: this row has 3 cells, the header has 4. Fill in the missing cell.",
    ),
    "a cell too many": (
        f"{LIST}14;Bo;a;noorderlicht;bol".encode(),
        ":4: this row has 5 cells, the header has 4. Put quotation marks",
    ),
}


@pytest.mark.parametrize("kind", READ)
def test_a_list_is_read_as_it_was_saved(tmp_path, questionnaire, kind):
    found = read_roster(write_list(tmp_path, READ[kind]), questionnaire, key=["nr"]).iter_students()
    assert [(one.key, one.cells[1], one.institution, one.background["path"]) for one in found] == STUDENTS


@pytest.mark.parametrize("kind", REFUSED)
def test_a_list_that_cannot_be_read_is_refused_with_its_remedy(tmp_path, questionnaire, kind):
    content, begins = REFUSED[kind]
    assert find_mistakes(tmp_path, questionnaire, content, "nr")[0].startswith(begins)


@pytest.mark.parametrize("name", ["ZoÃ« MÃ¼ller", "Zo\ufffd", "Zo? Müller", "Ay?e", "?zge"])
def test_names_that_were_damaged_before_are_reported_with_their_lines(tmp_path, questionnaire, name):
    roster = read_roster(write_list(tmp_path, LIST.replace("Zoë Müller", name)), questionnaire, key=["nr"])
    (warning,) = roster.list_warnings()
    assert warning.startswith("Line 2 has damaged characters")


def test_a_question_mark_elsewhere_is_no_damage(tmp_path, questionnaire):
    content = LIST.replace("Zoë Müller", "Zoë Müller ?").encode()
    assert read_roster(write_list(tmp_path, content), questionnaire, key=["nr"]).list_warnings() == []


@pytest.mark.parametrize("names", ["Ærø Ødegård", "ÉÉN ÇA", "Señor Núñez", "Weiß Größe", "1e klas – café", "€ 5", "d’Été"])
def test_names_in_the_code_page_of_excel_are_read(tmp_path, questionnaire, names):
    roster = read_roster(write_list(tmp_path, LIST.replace("Zoë Müller", names).encode("cp1252")), questionnaire)
    assert next(roster.iter_students()).cells[1] == names


@pytest.mark.parametrize("name", ["Zoë", "Ren Núñez", "Jan Böhm", "Müller, Zoë", "Señor"])
def test_one_name_in_the_code_page_of_a_macintosh_is_refused(tmp_path, questionnaire, name):
    content = LIST.replace("Zoë Müller", name).replace("’", "").encode("mac-roman")
    (mistake,) = find_mistakes(tmp_path, questionnaire, content, "nr")
    assert "CSV (Macintosh)" in mistake


@pytest.mark.parametrize(
    "name", ["’t Hoff", "d’Hondt", "in ’t Veld", "Bos – Ek", "‘Bo’ Ek", "Zoë", "Noord–Holland", "Šaša Žižek"]
)
def test_one_name_in_the_code_page_of_excel_is_read(tmp_path, questionnaire, name):
    roster = read_roster(
        write_list(tmp_path, LIST.replace("Zoë Müller", name).replace("Jan ’t", "Jan t").encode("cp1252")), questionnaire
    )
    assert next(roster.iter_students()).cells[1] == name
