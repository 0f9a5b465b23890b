"""Labels with spelling variants, and labels by which persons could be recognised."""

from __future__ import annotations

from tests.fieldwork.rosters.student_files import examine_rows, list_found


def label(*names: str) -> list[dict[str, str]]:
    return [{"Label1": name} for name in names]


def test_labels_that_differ_by_spaces_dots_and_case_are_pointed_out(tmp_path):
    found = list_found(
        examine_rows(tmp_path, *label("Team Zorg", "Team Zorg", "team zorg.", "Team  Zorg", "Techniek")), "spelling"
    )
    assert found == [("spelling", "Label1", [4])]


def test_the_most_frequent_spelling_is_proposed(tmp_path):
    examination = examine_rows(tmp_path, *label("zorg", "Zorg", "Zorg"))
    assert examination.labels.unified == {"Label1": {"zorg": "Zorg"}}


def test_labels_that_fewer_than_five_persons_share_are_pointed_out(tmp_path):
    examination = examine_rows(tmp_path, *label(*["big"] * 5, *["small"] * 4, "smaller"))
    (found,) = [one for one in examination.findings if one.check == "identifying"]
    assert "5 persons are in 2 combinations of labels with fewer than 5 persons" in found.text
    assert "Without 'Label1' there are 0." in found.text


def test_a_person_with_two_rows_counts_once(tmp_path):
    second = {"Label1": "x", "Hoofdopleiding": "nee", "Email1": "s1@student.example.org", "Opleidingscode": "34402"}
    examination = examine_rows(tmp_path, *label(*["x"] * 4), second)
    assert [counts.total() for counts in examination.labels.combinations.values()] == [4]


def test_labels_with_a_sign_that_tells_them_apart_are_no_variants(tmp_path):
    found = list_found(examine_rows(tmp_path, *label("4/5", "45", "C", "C++", "C#", "BOL 3", "BOL 3+")), "spelling")
    assert found == []


def test_signs_between_numbers_are_variants_of_one_another(tmp_path):
    found = list_found(
        examine_rows(tmp_path, *label("4/5", "4/5", "4-5", "’t Hart", "’t Hart", "'t Hart", "3 A", "3A", "3A")), "spelling"
    )
    assert found == [("spelling", "Label1", [4]), ("spelling", "Label1", [7]), ("spelling", "Label1", [8])]
