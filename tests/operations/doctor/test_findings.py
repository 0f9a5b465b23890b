"""Findings of `doctor` about a PostgreSQL server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_engine.cli.support.installation import create_stores
from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.operations.doctor.contents import examine_jobs
from survey_engine.operations.doctor.stores import examine_server
from survey_engine.operations.doctor.surroundings import examine_mail, send_test_mail
from survey_engine.operations.maintenance import Installation
from survey_engine.operations.worker import JOBS, Worker, list_periodic
from survey_engine.settings import read_settings
from survey_engine.storage.database import Database
from survey_engine.storage.jobs import add_job, fail_job, take_job
from tests.databases import PostgresServer
from tests.mailbox import open_mailbox


def list_ill(postgres: PostgresServer, name: str) -> dict[str, str]:
    """List the findings with a remedy."""
    return {finding.what: finding.remedy for finding in examine_server("answers", postgres.url(name), 1) if finding.remedy}


@pytest.fixture
def name(postgres: PostgresServer) -> str:
    return postgres.create_database()


def test_a_correct_server_has_no_findings(postgres, name):
    assert list_ill(postgres, name) == {}


@pytest.mark.parametrize(
    "setting", ["log_min_duration_statement = 0", "log_statement = 'mod'", "log_transaction_sample_rate = 1"]
)
def test_a_server_that_logs_stored_values_is_reported(postgres, name, setting):
    postgres.execute(f"ALTER DATABASE {name} SET {setting}")
    assert "log_parameter_max_length = 0" in list_ill(postgres, name)["answers log"]
    postgres.execute(f"ALTER DATABASE {name} SET log_parameter_max_length = 0")
    assert list_ill(postgres, name) == {}


def test_a_server_that_logs_values_of_errors_is_reported(postgres, name):
    postgres.execute(f"ALTER DATABASE {name} SET log_parameter_max_length_on_error = -1")
    assert "log_parameter_max_length_on_error = 0" in list_ill(postgres, name)["answers log"]


def test_a_server_that_logs_the_rows_of_errors_is_reported(postgres, name):
    postgres.execute(f"ALTER DATABASE {name} SET log_error_verbosity = 'default'")
    assert "log_error_verbosity = terse" in list_ill(postgres, name)["answers log"]


def test_a_limit_too_low_for_an_upgrade_is_reported(postgres, name):
    postgres.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 15")
    postgres.execute(f"CREATE ROLE r_{name} LOGIN")
    url = postgres.url(name).replace("postgres@", f"r_{name}@")
    found = {finding.what: finding for finding in examine_server("answers", url, 1)}["answers connections"]
    assert found.found == "15 allowed" and "16" in found.remedy


def test_failed_jobs_and_jobs_without_a_worker_are_reported(tmp_path):
    settings = read_settings({}, tmp_path)
    create_stores(settings)
    assert [finding.remedy for finding in examine_jobs(settings)] == [""]
    identity = Database(settings.identity_url, "identity")
    for kind in ("lost", "late"):
        add_job(identity, kind, {}, 1.0)
    job = take_job(identity, ["lost"], now=1.0, lease_seconds=1)
    fail_job(identity, job, "ValueError")
    identity.close()
    found = [finding.found for finding in examine_jobs(settings) if finding.remedy]
    assert found == ["lost failed 1 times", "1 due for over an hour"]


@pytest.fixture
def worker(tmp_path):
    """A worker whose only job fails, beside the settings of an installation in use."""
    settings = read_settings({"SURVEY_BASE_URL": "https://survey.example.org"}, tmp_path)
    create_stores(settings)
    stores = [Database(url, store) for url, store in ((settings.database_url, "answers"), (settings.identity_url, "identity"))]

    def fail(*_):
        raise ValueError

    kinds = {name: replace(kind, run=fail) for name, kind in JOBS.items()}
    yield (
        Worker(
            Installation(
                answers=stores[0],
                identity=stores[1],
                keys=ContactKeys(settings.contact_keys),
                pseudonym_key=settings.pseudonym_key,
                erasures=settings.erasures,
                find_closing=lambda code: None,
            ),
            kinds,
        ),
        settings,
    )
    for store in stores:
        store.close()


def test_an_installation_without_a_worker_is_reported(worker):
    _, settings = worker
    (finding,) = examine_jobs(settings)
    assert finding.found == f"never run: {', '.join(list_periodic(JOBS))}" and "survey-engine work" in finding.remedy


def test_a_periodic_job_that_keeps_failing_is_reported(worker):
    working, settings = worker
    for _ in range(3):
        working.schedule(now=True)
        while working.run_next():
            pass
    assert [finding.found for finding in examine_jobs(settings) if finding.remedy] == [
        f"{name} failed 3 times" for name in list_periodic(JOBS)
    ]


def test_the_mail_server_is_tried_and_a_test_message_arrives(tmp_path, monkeypatch):
    with open_mailbox(tmp_path) as mailbox:
        settings = read_settings({"SURVEY_SMTP_URL": mailbox.url, "SURVEY_MAIL_FROM": "Survey <s@example.org>"}, tmp_path)
        assert "no encrypted connection" in examine_mail(settings).found, "its certificate is unknown"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert examine_mail(settings).remedy == "" and mailbox.received == []
        assert send_test_mail(settings, "me@example.org").remedy == ""
        assert [message["To"] for message in mailbox.received] == ["me@example.org"]
        assert send_test_mail(settings, "nobody").remedy


def test_mail_settings_that_cannot_be_used_are_named(tmp_path):
    assert examine_mail(read_settings({}, tmp_path)).remedy == ""
    for wrong in ({"SURVEY_SMTP_URL": "mail.example.org"}, {"SURVEY_SMTP_URL": "smtp://mail.example.org"}):
        assert "SURVEY_" in examine_mail(read_settings(wrong, tmp_path)).remedy
