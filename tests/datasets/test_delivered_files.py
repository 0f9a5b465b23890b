"""A delivery goes to those who may have it, in its state, unchanged, and encrypted."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta

import msoffcrypto
import pytest
import pyzipper
from python_calamine import CalamineWorkbook

from survey_engine.cli import deliver
from survey_engine.datasets.delivered_files import AUDIENCES, DELIVERY_STATES, Delivery, ReleaseError, StateChange, read_delivery
from survey_engine.datasets.least_groups import LeastGroup, write_record
from survey_engine.datasets.released_rows import read_row_records
from survey_engine.settings import GroupSizes
from survey_engine.storage.releases import Release, add_release
from tests.datasets.filling import KEY

NOW = datetime(2027, 5, 6, 12, tzinfo=UTC)
PASSWORD = "a1b2-c3d4"


def test_the_command_offers_every_state_and_every_audience() -> None:
    assert (DELIVERY_STATES, tuple(AUDIENCES)) == (deliver.STATES, deliver.AUDIENCES)


@pytest.fixture
def delivery(filled, tmp_path) -> Delivery:
    filled.export(tmp_path / "csv")
    filled.export(tmp_path / "delivery", formats=["xlsx", "sav"], institution="north")
    return read_delivery(tmp_path / "delivery")


@pytest.fixture
def tables(tmp_path) -> Delivery:
    """A delivery of tables only."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "benchmark.csv").write_text("item,mean\n")
    record(tmp_path / "tables")
    return read_delivery(tmp_path / "tables")


def record(folder, least: int = 20, factor: int = 2, responses: int = 300) -> None:
    """Record every file in a folder as made with this least group."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    write_record(folder, "test", names, LeastGroup("example", responses, least, factor))


def decide(now: datetime = NOW, embargo: datetime | None = None, checked: tuple[str, ...] = ()) -> StateChange:
    return StateChange("team", now, embargo, checked)


def advance(delivery: Delivery, state: str, embargo: datetime | None = None) -> None:
    """Go on to a state, with the final files looked into."""
    for step in DELIVERY_STATES[1 : DELIVERY_STATES.index(state) + 1]:
        names = tuple(path.relative_to(delivery.folder).as_posix() for path in delivery.list_files())
        delivery.change_state(step, decide(embargo=embargo, checked=names) if step == "final" else decide())


def hand_out(delivery: Delivery, audience: str, folder, now: datetime = NOW) -> list[str]:
    folder.mkdir(exist_ok=True)
    return delivery.hand_out(audience, folder, PASSWORD, now)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("state", DELIVERY_STATES)
def test_an_audience_gets_the_files_from_its_state_on(tables, tmp_path, state, audience):
    advance(tables, state)
    if DELIVERY_STATES.index(state) >= DELIVERY_STATES.index(AUDIENCES[audience]):
        assert hand_out(read_delivery(tables.folder), audience, tmp_path / "out") == ["files.zip"]
    else:
        with pytest.raises(ReleaseError, match=f"in the state {state}"):
            hand_out(read_delivery(tables.folder), audience, tmp_path / "out")


def test_no_state_is_left_out_and_every_earlier_one_can_be_restored(tables):
    with pytest.raises(ReleaseError, match="The next one is review"):
        tables.change_state("final", decide())
    advance(tables, "final")
    tables.change_state("draft", decide())
    stored = read_delivery(tables.folder)
    assert (stored.state, stored.digests) == ("draft", {})
    assert [step["state"] for step in stored.history] == ["review", "final", "draft"]


def test_a_delivery_is_public_only_after_its_embargo(tables, tmp_path):
    advance(tables, "final", embargo=NOW + timedelta(days=21))
    with pytest.raises(ReleaseError, match="embargo ends at 2027-05-27"):
        tables.change_state("public", decide())
    hand_out(tables, "institution", tmp_path / "out")
    with pyzipper.AESZipFile(tmp_path / "out" / "files.zip") as archive:
        archive.setpassword(PASSWORD.encode())
        assert b"before 2027-05-27 12:00" in archive.read("EMBARGO.txt")

    tables.change_state("public", decide(NOW + timedelta(days=22)))
    hand_out(tables, "public", tmp_path / "later", NOW + timedelta(days=22))
    with pyzipper.ZipFile(tmp_path / "later" / "files.zip") as archive:
        assert archive.namelist() == ["benchmark.csv"] and archive.read("benchmark.csv") == b"item,mean\n"


@pytest.mark.parametrize("name", ["responses.xlsx", "open_answers.csv", "paradata.csv"])
def test_rows_of_single_respondents_are_never_public(tables, name):
    (tables.folder / name).write_text("respondent\n")
    advance(tables, "final")
    with pytest.raises(ReleaseError, match="single respondents"):
        tables.change_state("public", decide())


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_files_that_changed_after_becoming_final_are_kept_back(delivery, tmp_path, change):
    advance(delivery, "final")
    path = delivery.folder / ("new.csv" if change == "added" else "codebook.csv")
    path.unlink() if change == "removed" else path.write_text("other")
    with pytest.raises(ReleaseError, match=f"{path.name} changed"):
        hand_out(read_delivery(delivery.folder), "institution", tmp_path / "out")

    delivery.change_state("review", decide())
    advance(delivery, "final")
    assert hand_out(delivery, "institution", tmp_path / "out")


ADDRESS = "https://survey.example.org/l/dGhpcyBpcyBub3QgYQ"


def write_archive(path, text):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.xml", text)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("x.csv", lambda path: path.write_text(f"name,link\na,{ADDRESS}\n")),
        ("deep/x.txt", lambda path: path.write_text(ADDRESS, "utf-16")),
        ("x.zip", lambda path: write_archive(path, ADDRESS)),
        ("x.xlsx", lambda path: write_archive(path, ADDRESS)),
        ("answers.db", lambda path: path.write_bytes(b"SQLite format 3\0")),
        ("pseudonym.key", lambda path: path.write_text("k" * 40)),
        ("link", lambda path: path.symlink_to("/etc/hostname")),
    ],
)
def test_personal_links_keys_and_stores_are_in_no_delivery(delivery, tmp_path, name, write):
    (delivery.folder / name).parent.mkdir(exist_ok=True)
    write(delivery.folder / name)
    advance(delivery, "final")
    with pytest.raises(ReleaseError, match="Remove it from"):
        hand_out(delivery, "institution", tmp_path / "out")


def test_an_institution_never_gets_rows_of_another_one(filled, tmp_path):
    filled.export(tmp_path / "one" / "all")
    for name in ("north", "south"):
        filled.export(tmp_path / "two" / "both" / name, institution=name)
    for name in ("one/all", "two/both"):
        delivery = read_delivery(tmp_path / name)
        advance(delivery, "final")
        with pytest.raises(ReleaseError, match=r"of 2 institutions \(north, south\).* export example --institution north"):
            hand_out(delivery, "institution", tmp_path / "out")
        assert hand_out(delivery, "reviewer", delivery.folder.parent.parent / f"given {delivery.folder.name}") == ["files.zip"]


@pytest.mark.parametrize("name", ["x.csv.gz", "deep/rows.sav", "load.py", "responses.sav", "report.pdf"])
def test_an_institution_gets_no_file_that_no_command_wrote(filled, delivery, tmp_path, name):
    filled.export(tmp_path / "all", formats=["sav"])
    (delivery.folder / "deep").mkdir()
    (delivery.folder / name).write_bytes((tmp_path / "all" / "responses.sav").read_bytes())
    for state in ("review", "final"):
        delivery.change_state(state, decide())
    with pytest.raises(ReleaseError, match=f"{name} has no record.*--checked {name}"):
        hand_out(delivery, "institution", tmp_path / "out")
    delivery.change_state("review", decide())
    delivery.change_state("final", decide(checked=(name,)))
    assert hand_out(read_delivery(delivery.folder), "institution", tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["benchmark.csv", "deep/scores.html", "tables.zip", "benchmark.xlsx", "a.txt", "a.tab", "a.dat", "a.md"]
)
def test_a_table_without_its_record_does_not_become_final(delivery, name):
    """Nor could it be compared with earlier releases."""
    (delivery.folder / "deep").mkdir()
    (delivery.folder / name).write_text("item,mean\n")
    delivery.change_state("review", decide())
    with pytest.raises(ReleaseError, match=f"{name} has no record"):
        delivery.change_state("final", decide())
    assert read_delivery(delivery.folder).state == "review"
    delivery.change_state("final", decide(checked=(name,)))


def test_an_institution_never_gets_the_columns_for_researchers(store, tmp_path):
    store.start("south")
    store.export(tmp_path / "all")
    delivery = read_delivery(tmp_path / "all")
    advance(delivery, "final")
    with pytest.raises(ReleaseError, match=r"of one institution with columns for researchers.* --institution south"):
        hand_out(delivery, "institution", tmp_path / "out")


@pytest.mark.parametrize("kept", ["without a record", "with an older record"])
def test_rows_of_unknown_institutions_go_to_no_institution(filled, tmp_path, kept):
    filled.export(tmp_path / "all")
    path = tmp_path / "all" / "released-rows.json"
    stored = json.loads(path.read_text())
    del stored["seal"]
    path.write_text(json.dumps(stored)) if kept == "with an older record" else path.unlink()
    delivery = read_delivery(tmp_path / "all")
    advance(delivery, "final")
    with pytest.raises(ReleaseError, match=r"unknown institutions.*--institution"):
        hand_out(delivery, "institution", tmp_path / "out")


def test_metadata_without_respondents_may_be_public(filled, tables):
    filled.export(tables.folder / "ddi", formats=["ddi"], least_group=20)
    (tables.folder / "ddi" / "open_answers.csv").unlink()
    (tables.folder / "ddi" / "paradata.csv").unlink()
    advance(tables, "public")
    assert read_delivery(tables.folder).state == "public"


@pytest.mark.parametrize("name", ["figures.csv", "Responses (2).csv", "table.parquet", "data.txt"])
def test_copies_of_rows_of_single_respondents_are_never_public(delivery, tables, name):
    rows = (delivery.folder.parent / "csv" / "responses.csv").read_bytes() if name != "table.parquet" else b"PAR1"
    (tables.folder / name).write_bytes(rows)
    advance(tables, "final")
    with pytest.raises(ReleaseError, match="single respondents"):
        tables.change_state("public", decide())


def test_an_embargo_stays_when_a_delivery_is_reviewed_again(tables):
    advance(tables, "final", embargo=NOW + timedelta(days=21))
    for state in ("review", "final"):
        tables.change_state(state, decide())
    with pytest.raises(ReleaseError, match="embargo ends"):
        read_delivery(tables.folder).change_state("public", decide())


def test_other_programs_open_the_files_with_the_password_only(delivery, tmp_path):
    advance(delivery, "final")
    out = tmp_path / "out"
    assert hand_out(delivery, "institution", out) == ["responses.xlsx", "files.zip"]
    opened = io.BytesIO()
    with (out / "responses.xlsx").open("rb") as file:
        workbook = msoffcrypto.OfficeFile(file)
        workbook.load_key(password=PASSWORD)
        workbook.decrypt(opened)
    opened.seek(0)
    assert CalamineWorkbook.from_filelike(opened).sheet_names[0] == "responses"
    assert not zipfile.is_zipfile(out / "responses.xlsx")

    with pyzipper.AESZipFile(out / "files.zip") as archive:
        archive.setpassword(PASSWORD.encode())
        assert archive.read("responses.sav") == (delivery.folder / "responses.sav").read_bytes()
        archive.setpassword(b"wrong")
        with pytest.raises(RuntimeError, match="Bad password"):
            archive.read("codebook.csv")
    assert subprocess.run(["unzip", "-P", "", "-t", out / "files.zip"], capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("written", ["{", '{"state": "final", "more": 1}', '{"embargo": "soon"}'])
def test_a_state_that_cannot_be_read_is_reported(tables, written):
    (tables.folder / "delivery.json").write_text(written)
    with pytest.raises(ReleaseError, match="cannot be read"):
        read_delivery(tables.folder)


def test_workbooks_of_one_name_in_two_folders_are_both_handed_out(tables, tmp_path):
    for name in ("north", "south"):
        (tables.folder / name).mkdir()
        write_archive(tables.folder / name / "tables.xlsx", name)
    record(tables.folder)
    advance(tables, "public")
    assert hand_out(tables, "public", tmp_path / "out") == ["north/tables.xlsx", "south/tables.xlsx", "files.zip"]
    for name in ("north", "south"):
        assert zipfile.ZipFile(tmp_path / "out" / name / "tables.xlsx").read("table.xml") == name.encode()


@pytest.mark.parametrize(("least", "factor"), [(5, 2), (19, 2), (20, 1)])
def test_a_public_table_needs_the_least_groups_of_public_ones(tables, least, factor):
    record(tables.folder, least, factor)
    advance(tables, "final")
    with pytest.raises(ReleaseError, match=f"of {least} or more responses, times {factor}"):
        tables.change_state("public", decide())
    tables.change_state("public", decide(), GroupSizes(least_public=5, sensitive_factor=1))
    with pytest.raises(ReleaseError, match="make it again with --public"):
        hand_out(tables, "public", tables.folder.parent / "out")


@pytest.mark.parametrize(
    "name", ["counts.csv", "counts.html", "counts.xlsx", "counts.zip", "counts.txt", "counts.pdf", "counts.svg"]
)
def test_a_public_table_needs_a_record_or_a_person_who_checked_it(tables, name):
    write_archive(tables.folder / name, "x") if name.endswith(("xlsx", "zip")) else (tables.folder / name).write_text(
        "path,n\nbol,3\n"
    )
    advance(tables, "final")
    with pytest.raises(ReleaseError, match=f"{name} has no record of its least group"):
        tables.change_state("public", decide())
    tables.change_state("public", decide(checked=(name,)))
    stored = read_delivery(tables.folder)
    assert stored.checked == [name] and hand_out(stored, "public", tables.folder.parent / "out")


def test_a_table_that_was_edited_has_no_record(tables):
    (tables.folder / "benchmark.csv").write_text("item,mean\nbusy,3\n")
    advance(tables, "final")
    with pytest.raises(ReleaseError, match="no record"):
        tables.change_state("public", decide())


def test_records_of_least_groups_are_not_handed_out(tables, tmp_path):
    advance(tables, "public")
    hand_out(tables, "public", tmp_path / "out")
    assert zipfile.ZipFile(tmp_path / "out" / "files.zip").namelist() == ["benchmark.csv"]


@pytest.mark.parametrize("name", ["answers.txt", "answers.md", "answers.csv"])
def test_open_answers_under_another_name_are_never_public(filled, tables, name):
    text = (filled.export(tables.folder.parent / "own", open_with=("path",)).files["open_answers.csv"]).decode("utf-8-sig")
    (tables.folder / name).write_text(text, "utf-16")
    advance(tables, "final")
    with pytest.raises(ReleaseError, match="single respondents"):
        tables.change_state("public", decide(checked=(name,)))


@pytest.mark.parametrize(("responses", "refused"), [(300, False), (301, True), (319, True), (320, False), (281, True)])
@pytest.mark.parametrize("place", ["beside", "same"])
def test_a_second_release_of_a_few_more_responses_is_refused(tables, place, responses, refused):
    advance(tables, "final")
    folder = tables.folder if place == "same" else tables.folder.parent / "later"
    folder.mkdir(exist_ok=True)
    (folder / "benchmark.csv").write_text(f"item,mean\nbusy,{responses}\n")
    record(folder, responses=responses)
    later = read_delivery(folder)
    later.change_state("draft" if place == "same" else "review", decide())
    if place == "same":
        later.change_state("review", decide())
    if refused:
        with pytest.raises(
            ReleaseError, match=f"count {responses} responses to example, others in {tables.folder.name} count 300"
        ):
            later.change_state("final", decide())
    later.change_state("final", StateChange("team", NOW, despite_earlier=refused))
    assert read_delivery(folder).state == "final"


def test_tables_of_two_institutions_beside_each_other_are_released(store, tmp_path):
    for place, count in (("north", 6), ("south", 7)):
        for _ in range(count):
            store.start(place)
        store.export(tmp_path / "given" / place, institution=place)
        advance(read_delivery(tmp_path / "given" / place), "final")
    for _ in range(4):
        store.start("north")
    store.export(tmp_path / "given" / "later", institution="north")
    with pytest.raises(ReleaseError, match="count 10 responses to example, others in north count 6"):
        advance(read_delivery(tmp_path / "given" / "later"), "final")


def release(store, folder, institution: str = "") -> None:
    store.export(folder, institution=institution)
    make_final(store, folder)


def make_final(store, folder) -> None:
    delivery = read_delivery(folder)
    delivery.change_state("review", decide())
    delivery.change_state("final", decide(), answers=store.database, key=KEY)


@pytest.mark.parametrize(("first", "second"), [("", "south"), ("south", "")])
def test_a_release_of_all_is_compared_with_those_of_institutions(store, tmp_path, first, second):
    for number in range(16):
        store.start("south" if number % 2 else "north")
    release(store, tmp_path / "1" / "first", first)
    release(store, tmp_path / "2" / "same", second)
    store.start("north")
    release(store, tmp_path / "3" / "south", "south")
    store.start("south")
    with pytest.raises(ReleaseError, match=r"Only [12] responses to example"):
        release(store, tmp_path / "4" / "later", second)


def test_an_older_release_of_all_is_compared_too(store, tmp_path):
    for _ in range(6):
        store.start("south")
    store.export(tmp_path / "all")
    ((_, hashes),) = read_row_records(tmp_path / "all")[0].hashes.items()
    add_release(store.database, Release("example", "", " ".join(hashes)))
    store.start("south")
    with pytest.raises(ReleaseError, match="Only 1 responses to example at south"):
        release(store, tmp_path / "1" / "own", "south")


def spoil_rows(stored: dict) -> dict:
    return {**stored, "hashes": {place: [hash[::-1] for hash in found] for place, found in stored["hashes"].items()}}


@pytest.mark.parametrize("change", [None, spoil_rows, lambda stored: {**stored, "hashes": []}, lambda _: []])
def test_rows_without_the_record_of_their_export_are_not_released(store, tmp_path, change):
    store.start("south")
    store.export(tmp_path / "own", institution="south")
    path = tmp_path / "own" / "released-rows.json"
    path.write_text(json.dumps(change(json.loads(path.read_text())))) if change else path.unlink()
    with pytest.raises(
        ReleaseError, match=r"released-rows\.json of its export is missing in its folder.* export again into an empty folder"
    ):
        make_final(store, tmp_path / "own")
    delivery = read_delivery(tmp_path / "own")
    delivery.change_state("final", StateChange("team", NOW, despite_earlier=True), answers=store.database, key=KEY)
    assert delivery.state == "final"


@pytest.mark.parametrize("name", ["responses.csv", "rows.csv"])
def test_rows_beside_the_record_of_another_export_are_not_released(store, tmp_path, name):
    store.start("south")
    store.export(tmp_path / "own", institution="south")
    store.start("south")
    store.export(tmp_path / "new", institution="south")
    folder = tmp_path / ("own" if name == "responses.csv" else "apart")
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes((tmp_path / "new" / "responses.csv").read_bytes())
    with pytest.raises(ReleaseError, match=f"{name} has rows of respondents"):
        make_final(store, folder)
