"""Snapshots of RIO: codes, branches and places of a file are compared with them."""

from __future__ import annotations

import pytest

from survey_engine.fieldwork.rosters.mistakes import RosterError
from survey_engine.fieldwork.rosters.rio import import_open_data, read_snapshot
from survey_engine.fieldwork.rosters.roster_format import FOLDER
from tests.fieldwork.rosters.student_files import examine_rows, list_found, write_csv

SNAPSHOT = read_snapshot(FOLDER / "rio-example.csv")
RIGHT = {"OIE_CODE": "92BB", "Vestigingscode": "92BB00", "Opleidingscode": "90003", "Locatie": "Waterwolf"}


@pytest.mark.parametrize(
    ("wrong", "columns"),
    [
        ({}, []),
        ({"Vestigingscode": "00"}, []),
        ({"OIE_CODE": "99ZZ"}, ["OIE_CODE", "Vestigingscode", "Opleidingscode"]),
        ({"Vestigingscode": "92BB07"}, ["Vestigingscode"]),
        ({"Locatie": "waterwolf "}, []),
        ({"Locatie": "Oosterwolf"}, ["Locatie"]),
        ({"Opleidingscode": "90009"}, ["Opleidingscode"]),
        ({"Opleidingscode": "90001"}, ["Opleidingscode"]),
    ],
)
def test_codes_that_the_register_lacks_or_has_elsewhere_are_pointed_out(tmp_path, wrong, columns):
    found = list_found(examine_rows(tmp_path, {**RIGHT, **wrong}, snapshot=SNAPSHOT), "reference")
    assert sorted(column for _, column, _ in found) == sorted(columns)


def test_a_snapshot_of_another_form_is_refused(tmp_path):
    with pytest.raises(RosterError, match="has the columns kind, code, name, institution, place"):
        read_snapshot(write_csv(tmp_path / "rio.csv", [["code", "name"], ["1", "2"]]))


def test_open_data_of_several_files_becomes_one_snapshot(tmp_path):
    schools = write_csv(tmp_path / "a.csv", [["OIE_CODE", "NAAM"], ["27DV", "School"]])
    first = [["ERKENDEOPLEIDINGSCODE", "OIE_CODE", "NAAM_LANG"], ["34401", "27DV", "Kok"], ["34401", "00GT", "Kok"]]
    counts = import_open_data([schools, write_csv(tmp_path / "b.csv", first)], tmp_path / "rio.csv")
    assert counts == {"institution": 1, "branch": 0, "programme": 1}
    assert read_snapshot(tmp_path / "rio.csv").programme["34401"].institution == "27DV 00GT"


def test_open_data_without_codes_is_refused(tmp_path):
    with pytest.raises(RosterError, match="no column has codes of RIO"):
        import_open_data([write_csv(tmp_path / "a.csv", [["NAAM", "PLAATS"], ["School", "Zeist"]])], tmp_path / "rio.csv")
