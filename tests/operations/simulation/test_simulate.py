"""The command `simulate`."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.cli import main
from survey_engine.operations.simulation.browsing import Reply, RobotError
from survey_engine.operations.simulation.local_runs import count_processes
from survey_engine.operations.simulation.walking import Walker, describe_reply
from survey_engine.settings import ROOT
from tests.web.conftest import write_short


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one questionnaire, and settings that point at databases nobody may touch."""
    write_short(tmp_path / "q", "short")
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(tmp_path / "q"))
    monkeypatch.setenv("SURVEY_DATA", str(tmp_path / "real"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *words], catch_exceptions=False)


def read_answers(folder: Path) -> list[tuple[str, ...]]:
    """Of every page when its response began, which the seed decides, its name and answers."""
    connection = sqlite3.connect(folder / "answers.db")
    return connection.execute(
        "SELECT started_at, page, answers FROM page JOIN response ON response.id = response_id ORDER BY started_at, page, answers"
    ).fetchall()


def test_robots_answer_in_this_process_and_their_flow_is_shown(desk):
    done = run("short", "-n", "6", "--profile", "random", "--picture", "flow.html")

    assert done.exit_code == 0, done.output
    assert re.search(r"story +█+ +\d+", done.stdout) and " of 6 robots completed" in done.stdout
    assert 'class="bar"' in (desk / "flow.html").read_text()


def test_equal_seeds_give_equal_data_where_modules_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(ROOT / "questionnaires"))
    for folder in "ab":
        assert run("job-2026", "-n", "12", "--profile", "mixed", "--data", str(tmp_path / folder)).exit_code == 0
    assert read_answers(tmp_path / "a") == read_answers(tmp_path / "b") != []


def test_a_seed_gives_the_same_data_in_one_process_and_in_several(tmp_path, monkeypatch):
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(ROOT / "questionnaires"))
    for folder, worth in (("one", 100), ("two", 8)):
        monkeypatch.setattr("survey_engine.operations.simulation.local_runs.WORTH_A_PROCESS", worth)
        assert run("job-2026", "-n", "16", "--profile", "mixed", "--data", str(tmp_path / folder)).exit_code == 0
    assert read_answers(tmp_path / "one") == read_answers(tmp_path / "two") != []


def fail(walker: Walker) -> None:
    raise RobotError(f"Robot {walker.walk.number}: the site failed.")


def end(walker: Walker) -> None:
    signal.raise_signal(signal.SIGKILL)


@pytest.mark.parametrize(("failure", "said"), [(fail, r"Robot \d+: the site failed"), (end, "ended before its robots did")])
def test_what_stops_one_of_several_processes_stops_the_simulation(monkeypatch, failure, said):
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(ROOT / "questionnaires"))
    monkeypatch.setattr("survey_engine.operations.simulation.local_runs.WORTH_A_PROCESS", 1)
    monkeypatch.setattr(Walker, "run", failure)

    done = run("job-2026", "-n", "4")
    assert done.exit_code == 1 and re.search(said, done.output)


@pytest.mark.slow
def test_processes_of_robots_end_with_a_simulation_that_is_killed(tmp_path):
    command = [Path(sys.executable).parent / "survey-engine", "simulate", ROOT / "questionnaires" / "job-2026", "-n", "2000"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as simulation:
        assert simulation.stderr
        started = (line for line in simulation.stderr if b"started" in line)
        for _ in range(1 + count_processes(2000, 3)):
            next(started)
        simulation.kill()
        simulation.communicate(timeout=30)  # until no process is left that has its standard error


def test_nothing_is_kept_and_no_database_of_the_installation_is_touched(desk):
    assert run("short", "-n", "2").exit_code == 0
    assert not list(desk.glob("real/*.db"))
    assert not list(desk.glob("*.db"))


def test_an_installation_takes_no_simulated_answers(desk):
    for words in (["init"], ["publish", "q/short"]):
        assert CliRunner().invoke(main, words, env={"SURVEY_BASE_URL": "https://survey.example.org"}).exit_code == 0
    found = run("short", "-n", "2", "--data", "real")
    assert found.exit_code == 1 and "is an installation" in found.output
    assert not read_answers(desk / "real")


@pytest.mark.parametrize("command", ["init", "publish q/short"])
def test_simulated_answers_end_where_a_folder_is_used_as_an_installation(desk, monkeypatch, command):
    assert run("short", "-n", "2", "--data", "real").exit_code == 0
    assert run("short", "-n", "2", "--data", "real").exit_code == 0
    CliRunner().invoke(main, ["init"])
    before = read_answers(desk / "real")
    said = CliRunner().invoke(main, command.split(), env={"SURVEY_BASE_URL": "https://survey.example.org"})
    found = run("short", "-n", "2", "--data", "real")

    assert "The answers in this folder are simulated. Those of respondents would be among them." in said.output
    assert found.exit_code == 1 and "may have answers of respondents" in found.output
    assert read_answers(desk / "real") == before


def test_answers_are_in_the_named_folder_and_repeat_with_the_seed(desk):
    for folder, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert (
            run("short", "-n", "8", "--profile", "random", "--seed", seed, "--data", folder, "--institution", "demo").exit_code
            == 0
        )
    first, again, other = (read_answers(desk / folder) for folder in "abc")

    assert len(first) > 15
    assert [row for row in first if row in again] == [row for row in again if row in first] != []
    assert first != other


def test_an_unknown_institution_is_met_with_those_that_there_are(desk):
    done = run("short", "--institution", "dema")
    assert done.exit_code == 2 and "demo" in done.output


def test_data_and_a_server_elsewhere_exclude_each_other(desk):
    assert run("short", "--http", "http://127.0.0.1:1", "--data", "x").exit_code == 2
    (desk / "links.csv").write_text("institution,link\n")
    assert run("short", "--links", "links.csv").exit_code == 2


def test_a_server_that_is_not_there_is_told_in_one_sentence(desk):
    done = run("short", "-n", "1", "--http", "http://127.0.0.1:1")
    assert done.exit_code == 1 and "no answer" in done.output and "Does the server run?" in done.output


def test_a_file_without_links_says_what_it_should_be(desk):
    (desk / "links.csv").write_text("name,mail\nA,B\n")
    done = run("short", "--http", "http://127.0.0.1:1", "--links", "links.csv")
    assert done.exit_code == 1 and "survey-engine links" in done.output


def test_an_error_of_the_site_is_quoted_from_its_summary():
    page = '<h1>T</h1><div id="summary"><h2>Please check</h2><ul><li>Other <b>Choose that answer</b></li></ul><div></div></div>'
    assert describe_reply(Reply(422, "/a/x", {}, page, 0.1)) == "T: Please check Other Choose that answer"


def test_named_questionnaires_precede_the_published_version_with_data(desk, monkeypatch):
    monkeypatch.delenv("SURVEY_DATA")
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    assert CliRunner().invoke(main, ["publish", "q/short"]).exit_code == 0
    file = desk / "q" / "short" / "main.yaml"
    file.write_text(file.read_text().replace("page: job", "page: job_again"))
    assert "job_again" in run("short", "-n", "2", "--data", "other").stdout
    assert "job_again" not in run("short", "-n", "2").stdout
