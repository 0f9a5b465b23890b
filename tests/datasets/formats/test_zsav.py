"""A compressed SPSS file has the content of the plain one."""

from __future__ import annotations

from tests.datasets.reading_back import convert


def test_a_compressed_file_has_the_content_of_a_plain_one(filled, tmp_path):
    filled.export(tmp_path / "out", formats=["sav", "zsav"])
    for options in ((), ("--labels",), ("--recode",)):
        plain = convert(tmp_path / "out" / "responses.sav", *options)
        assert plain == convert(tmp_path / "out" / "responses.zsav", *options) != []


def test_compressed_files_have_the_same_bytes_whatever_the_time(filled, tmp_path):
    one, two = (filled.export(tmp_path / name, formats=["zsav"]).files["responses.zsav"] for name in ("one", "two"))
    assert one == two
    assert one.startswith(b"$FL3")
