"""`backup` and `restore`: the copy has every acknowledged page, and a restore brings no erased answer back."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import make_url

from survey_engine.cli import restore
from survey_engine.cli.run import hold_port
from survey_engine.fieldwork.erasure_list import ERASED, ErasureEntry, append_entries
from survey_engine.operations import backups
from survey_engine.operations.backups import BackupError, back_up, list_unrestored
from survey_engine.operations.server_locks import hold_worker
from survey_engine.storage.answers import load_response, save_page
from survey_engine.storage.database import Database
from survey_engine.storage.lms import list_registrations, put_report
from tests.cli.test_erase import make_desk
from tests.command import Desk
from tests.databases import ON_BOTH, PostgresServer, find_port
from tests.datasets.filling import read_csv
from tests.learning_environment import Environment
from tests.storage.test_postgresql import make_save, start

COPIES = ("answers", "identity", "erasures")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


def name_copies(desk: Desk, folder: str = "copy") -> list[str]:
    (desk.folder / folder).mkdir(exist_ok=True)
    return [word for name in COPIES for word in (f"--{name}", str(desk.folder / folder / name))]


def move_to_empty_stores(desk: Desk, request: pytest.FixtureRequest) -> None:
    """As on a new machine with the same keys."""
    if desk.settings.database_url.startswith("sqlite"):
        for url in (desk.settings.database_url, desk.settings.identity_url):
            for file in Path(url.removeprefix("sqlite:///")).parent.glob(f"{Path(url).name}*"):
                file.unlink()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    desk.set(SURVEY_DATABASE_URL=server.url(server.create_database()), SURVEY_IDENTITY_URL=server.url(server.create_database()))


@ON_BOTH
def test_a_copy_has_every_page_that_was_acknowledged_before(desk, request):
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        ids, ends = [start(answers) for _ in range(50)], Event()

        def write() -> None:
            number = 0
            while not ends.is_set():
                number += 1
                save_page(answers, start(answers), make_save("later", number))

        for id in ids:
            save_page(answers, id, make_save("page", 7))
        writer = Thread(target=write)
        writer.start()
        done = desk.run("backup", *name_copies(desk))
        ends.set()
        writer.join()
    assert done.exit_code == 0, done.output
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 0, done.output
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        stored = [load_response(answers, id) for id in ids]
    assert [response and response.pages["page"].answers for response in stored] == [{"answer": 7}] * 50


def test_a_restore_repeats_the_erasures_since_the_backup(desk, request):
    (desk.folder / "students.csv").write_text("nr,institution\n1,north\n2,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out").exit_code == 0
    links = [row["link"] for row in read_csv(desk.folder / "out" / "links.csv")]
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    assert desk.run("erase", "example", links[0], "--yes").exit_code == 0
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk)[:4])
    assert done.exit_code == 0 and "1 were not in effect" in done.output, done.output
    assert "There is no such link" in desk.run("erase", "example", links[0], "--yes").output
    assert desk.run("links", "example", "--withdraw", links[1]).exit_code == 0


@pytest.mark.parametrize("mark", ["SIMULATED", "DEMO"])
def test_a_restored_folder_is_no_longer_marked_as_simulated(desk, request, mark):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    (desk.settings.data / mark).touch()
    assert desk.run("restore", *name_copies(desk)).exit_code == 0
    assert not (desk.settings.data / mark).exists()


@ON_BOTH
def test_no_learning_environment_may_launch_after_a_restore(desk, request):
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        identity.migrate()
        number = Environment("https://lms.example.org/keys").register(identity)
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert "1 learning environments could launch" in done.output and "lti approve" in done.output
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        assert [(one.id, one.approved) for one in list_registrations(identity)] == [(number, False)]


def stop_restore(desk: Desk, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Restore until both stores are in place, then as after Ctrl-C."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restore, "erase_again", stop)
        assert desk.run("restore", *options).exit_code == 1


def test_a_stopped_restore_is_finished_by_repeating_the_erasures(desk, request, monkeypatch):
    (desk.folder / "students.csv").write_text("nr,institution\n1,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out").exit_code == 0
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        Environment("https://lms.example.org/keys").register(identity)
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    assert desk.run("erase", "example", read_csv(desk.folder / "out" / "links.csv")[0]["link"], "--yes").exit_code == 0
    move_to_empty_stores(desk, request)
    stop_restore(desk, monkeypatch, *name_copies(desk)[:4])

    done = desk.run("restore", *name_copies(desk)[:4])
    assert done.exit_code == 1 and "finish it: survey-engine erase --again" in done.output
    assert desk.run("doctor").output.startswith("✗ restore: is unfinished: it has not repeated the erasures")
    done = desk.run("erase", "--again")
    assert "1 were not in effect" in done.output and "1 learning environments could launch" in done.output
    assert not desk.settings.restore_mark.exists()
    assert "restore: is unfinished" not in desk.run("doctor").output


def stop_between_stores(desk: Desk, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore until the answers are in place, then as after a kill."""

    def stop(url: str, file: Path) -> None:
        if file.name == "identity":
            raise KeyboardInterrupt
        backups.restore_backup(url, file)

    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    with monkeypatch.context() as patch:
        patch.setattr(restore, "restore_store", stop)
        assert desk.run("restore", *name_copies(desk)).exit_code == 1


@ON_BOTH
@pytest.mark.parametrize(
    "command", ["erase --again", "init", "init --accept-missing", "run", f"export example --out {os.devnull}", "doctor"]
)
def test_half_of_a_restore_is_refused_with_the_way_to_finish_it(desk, request, monkeypatch, command):
    stop_between_stores(desk, request, monkeypatch)
    for _ in range(2):
        done = desk.run(*command.split())
        assert done.exit_code == 1 and "not in place is the store of identity" in done.output, done.output
        assert "survey-engine restore --identity FILE" in done.output and "survey-engine init" not in done.output
        assert list_unrestored(desk.settings.restore_mark) == ["identity"]
    if command == "doctor":
        assert done.output.startswith("✗ restore: ")


@ON_BOTH
def test_half_of_a_restore_is_finished_by_restoring_the_other_store(desk, request, monkeypatch):
    (desk.folder / "students.csv").write_text("nr,institution\n1,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out").exit_code == 0
    stop_between_stores(desk, request, monkeypatch)
    refused = desk.run("restore", *name_copies(desk))
    assert refused.exit_code == 1 and "not in place is the store of identity" in refused.output
    done = desk.run("restore", *name_copies(desk)[2:])
    assert done.exit_code == 0 and not desk.settings.restore_mark.exists(), done.output
    link = read_csv(desk.folder / "out" / "links.csv")[0]["link"]
    assert desk.run("links", "example", "--withdraw", link).exit_code == 0


def test_a_store_that_is_restored_once_more_is_not_in_place_until_then(tmp_path):
    mark = tmp_path / "restoring"
    backups.mark_begun(mark, ["answers", "identity"])
    backups.mark_restored(mark, "answers")
    assert list_unrestored(mark) == ["identity"]
    backups.mark_begun(mark, ["answers"])
    assert list_unrestored(mark) == ["answers", "identity"]
    for store in ("identity", "answers"):
        backups.mark_restored(mark, store)
    assert list_unrestored(mark) == []


@pytest.mark.parametrize(
    "command",
    [
        "maintain",
        "work",
        "panel example --close --out panel.csv",
        "export example --out out",
        "retention",
        "requests list",
        "roster history example --out history.html",
        "links example --withdraw x",
        "remind example links.csv --out out",
        "publish example",
        "erase example --key ABCD-EFGH --yes",
        "backup --answers a --identity i --erasures e",
    ],
)
def test_no_command_uses_restored_stores_before_the_erasures(desk, command):
    (desk.folder / "links.csv").write_text("nr,link\n")
    desk.settings.restore_mark.touch()
    done = desk.run(*command.split())
    assert done.exit_code == 1 and "finish it: survey-engine erase --again" in done.output.replace("\n", " "), done.output


def test_commands_read_the_settings_where_an_unfinished_restore_is_refused():
    """Those that do not: `doctor`, and commands that make an installation or serve one."""
    readers = {
        path.stem
        for path in Path(restore.__file__).parent.rglob("*.py")
        if re.search(r"\b(read|create)_settings\(", path.read_text())
    }
    assert readers == {"demo", "doctor", "init", "installation", "run", "simulate"}


def test_a_restore_that_was_refused_leaves_servers_ready(desk):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    assert desk.run("restore", *name_copies(desk)).exit_code == 1
    assert not desk.settings.restore_mark.exists()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_copy_does_not_tell_in_which_order_persons_launched(desk):
    names = [f"{number:032}" for number in range(30)]
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        identity.migrate()
        for name in names:
            put_report(identity, name, desk.contact_keys.encrypt("{}", 512))
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    options = ("--data-only", "--table=lms_report", "--file=-", str(desk.folder / "copy" / "identity"))
    rows = subprocess.run(["pg_restore", *options], capture_output=True, text=True, check=True).stdout.splitlines()
    found = [row.split("\t")[0] for row in rows if row[:32] in names]
    assert sorted(found) == names and found != names


def remove_lines(path: Path) -> None:
    path.write_text(path.read_text().splitlines(keepends=True)[0])


def put_foreign_list(path: Path) -> None:
    path.unlink()
    append_entries(path, [ErasureEntry(ERASED, "example", 1)], owner=7)


@ON_BOTH
@pytest.mark.parametrize(
    ("harm", "part"),
    [
        (Path.unlink, "There is no list of erasures"),
        (lambda path: path.write_text(""), "There is no list of erasures"),
        (remove_lines, "Lines were removed"),
        (put_foreign_list, "another installation"),
        (lambda path: path.write_text(f"torn\n{path.read_text()}"), "this line is no entry of the list"),
    ],
    ids=["missing", "empty", "incomplete", "foreign", "damaged"],
)
def test_nothing_is_copied_beside_a_wrong_list_of_erasures(desk, harm, part):
    (desk.folder / "students.csv").write_text("nr,institution\n1,north\n")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--yes", "--out", "out").exit_code == 0
    link = read_csv(desk.folder / "out" / "links.csv")[0]["link"]
    assert desk.run("links", "example", "--withdraw", link).exit_code == 0
    kept = desk.settings.erasures.read_bytes()
    harm(desk.settings.erasures)
    done = desk.run("backup", *name_copies(desk))
    assert done.exit_code == 1 and part in done.output and "from a copy" in done.output, done.output
    assert not [*(desk.folder / "copy").iterdir()] and not desk.settings.backup_stamp.exists()
    desk.settings.erasures.write_bytes(kept)
    assert desk.run("backup", *name_copies(desk)).exit_code == 0 and desk.settings.backup_stamp.exists()


def test_copies_are_private_and_overwrite_nothing(desk):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    assert {stat.S_IMODE((desk.folder / "copy" / name).stat().st_mode) for name in COPIES} == {0o600}
    before = {name: (desk.folder / "copy" / name).read_bytes() for name in COPIES}
    done = desk.run("backup", *name_copies(desk))
    assert done.exit_code == 1 and "overwrites no file" in done.output
    assert {name: (desk.folder / "copy" / name).read_bytes() for name in COPIES} == before


@ON_BOTH
def test_a_restore_changes_no_store_that_exists(desk):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        id = start(answers)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1, done.output
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        assert load_response(answers, id)


@ON_BOTH
def test_a_damaged_copy_is_refused(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    copy = desk.folder / "copy" / "answers"
    os.truncate(copy, copy.stat().st_size // 2)
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and ("damaged" in done.output or "failed" in done.output), done.output


def test_without_any_list_of_erasures_nothing_is_restored(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    desk.settings.erasures.unlink(missing_ok=True)
    done = desk.run("restore", *name_copies(desk)[:4])
    assert done.exit_code == 1 and "erased answers would come back" in done.output


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_copy_that_is_cut_is_refused_before_its_rows_reach_a_server(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    copy = desk.folder / "copy" / "answers"
    os.truncate(copy, copy.stat().st_size - 40)
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and "pg_restore failed" in done.output
    with psycopg.connect(desk.settings.database_url.replace("+psycopg", "")) as line:
        assert line.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone() == (0,)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_nothing_is_restored_into_a_database_with_tables(desk):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and "Create an empty database" in done.output


def test_a_list_that_lacks_lines_of_the_copy_is_refused(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    (desk.folder / "copy" / "erasures").write_text("erased,example,5\n")
    desk.settings.erasures.touch()
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and "lacks lines" in done.output


def test_a_list_of_another_installation_restores_nothing(desk, request):
    append_entries(desk.settings.erasures, [ErasureEntry(ERASED, "example", 1)])
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    desk.settings.erasures.unlink()
    append_entries(desk.settings.erasures, [ErasureEntry(ERASED, "example", 1)], owner=7)
    done = desk.run("restore", *name_copies(desk)[:4])
    assert done.exit_code == 1 and "another installation" in done.output.replace("\n", " ")
    assert not desk.settings.restore_mark.exists()


def test_a_backup_that_fails_half_way_names_the_files_that_are_left(desk):
    words = name_copies(desk)
    Path(words[3]).touch()
    done = desk.run("backup", *words)
    assert done.exit_code == 1 and f"Remove its files: {words[1]}" in done.output.replace("\n", " "), done.output


def test_copies_have_three_different_files(desk):
    copies = name_copies(desk)
    for at in (3, 5):
        done = desk.run("backup", *copies[:at], copies[1], *copies[at + 1 :])
        assert done.exit_code == 1 and "three different files" in done.output
    assert not list((desk.folder / "copy").iterdir())


@ON_BOTH
def test_a_missing_or_foreign_store_is_not_copied(desk, request):
    key = desk.settings.pseudonym_key
    desk.set(SURVEY_PSEUDONYM_KEY="another " * 8)
    assert "made with another SURVEY_PSEUDONYM_KEY" in desk.run("backup", *name_copies(desk)).output
    desk.set(SURVEY_PSEUDONYM_KEY=key)
    move_to_empty_stores(desk, request)
    done = desk.run("backup", *name_copies(desk))
    assert (done.exit_code == 1 and "init" in done.output) or "no table of answers" in done.output
    assert not list((desk.folder / "copy").iterdir())
    if desk.settings.database_url.startswith("sqlite"):
        assert not Path(desk.settings.database_url.removeprefix("sqlite:///")).exists()


@ON_BOTH
def test_swapped_copies_are_refused_before_anything_is_moved(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    _, answers, _, identity, *erasures = name_copies(desk)
    done = desk.run("restore", "--answers", identity, "--identity", answers, *erasures)
    assert done.exit_code == 1 and "Are the files swapped" in done.output
    assert desk.run("restore", *name_copies(desk)).exit_code == 0


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_log_beside_the_place_of_a_store_stops_a_restore(desk, request, suffix):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    log = Path(desk.settings.database_url.removeprefix("sqlite:///") + suffix)
    log.touch()
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and f"{log} exists" in done.output.replace("\n", "")
    log.unlink()
    assert desk.run("restore", *name_copies(desk)).exit_code == 0


def test_a_running_server_or_worker_stops_a_restore(desk, request):
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    with hold_port(desk.settings.data, "127.0.0.1", port := find_port()):
        assert f"A server runs at port {port}" in desk.run("restore", *name_copies(desk)).output
    with hold_worker(desk.settings.data), hold_worker(desk.settings.data):
        assert "Stop all workers" in desk.run("restore", *name_copies(desk)).output
    assert desk.run("restore", *name_copies(desk)).exit_code == 0


def test_a_password_is_not_among_the_arguments_of_a_program(tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@" "$PGPASSWORD" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError) as refused:
        back_up("postgresql+psycopg://me:secret@db.example.org/a", tmp_path / "copy")
    assert "--dbname host=db.example.org dbname=a user=me" in str(refused.value)
    assert str(refused.value).count("secret") == 1
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("engine", ["postgresql"])
def test_an_address_of_two_servers_is_copied_from_the_one_that_runs(desk):
    parts = make_url(desk.settings.database_url)
    hosts = [f"{parts.host}:{find_port()}", f"{parts.host}:{parts.port}"]
    both = parts._replace(host=None, port=None).update_query_dict({"host": hosts, "target_session_attrs": "read-write"})
    desk.set(SURVEY_DATABASE_URL=both.render_as_string(hide_password=False))
    done = desk.run("backup", *name_copies(desk))
    assert done.exit_code == 0, done.output


def test_a_copy_takes_the_place_of_one_that_a_killed_backup_left(desk):
    name_copies(desk)
    for name in COPIES[:2]:
        (desk.folder / "copy" / f"{name}.part").write_text("x" * 5000)
    done = desk.run("backup", *name_copies(desk))
    assert done.exit_code == 0, done.output
    assert not list((desk.folder / "copy").glob("*.part"))


def test_a_copy_that_another_backup_is_writing_is_left_to_it(desk):
    with (desk.folder / "identity.part").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="Another backup"):
            back_up(desk.settings.identity_url, desk.folder / "identity")


def test_a_copy_is_never_written_through_a_symbolic_link(desk):
    kept = desk.folder / "kept"
    kept.write_text("kept")
    (desk.folder / "identity.part").symlink_to(kept)
    with pytest.raises(BackupError, match="cannot be written"):
        back_up(desk.settings.identity_url, desk.folder / "identity")
    assert kept.read_text() == "kept"


def test_a_list_that_is_cut_in_its_last_line_restores_nothing(desk, request):
    append_entries(desk.settings.erasures, [ErasureEntry(ERASED, "example", number) for number in range(1, 4)])
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    copy = desk.folder / "copy" / "erasures"
    copy.write_bytes(copy.read_bytes()[:-3])
    desk.settings.erasures.unlink()
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 1 and "is cut off" in done.output and not desk.settings.erasures.exists()


def test_a_torn_line_of_the_list_is_no_cut_in_its_copy(desk, request):
    append_entries(desk.settings.erasures, [ErasureEntry(ERASED, "example", 1)])
    with desk.settings.erasures.open("a") as file:
        file.write("erased,exam")
    assert desk.run("backup", *name_copies(desk)).exit_code == 0
    move_to_empty_stores(desk, request)
    done = desk.run("restore", *name_copies(desk))
    assert done.exit_code == 0, done.output
