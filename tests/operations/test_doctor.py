"""Findings of `doctor` about a PostgreSQL server."""

from __future__ import annotations

import pytest

from survey_engine.operations.doctor import examine_server
from tests.databases import PostgresServer


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


def test_a_limit_too_low_for_an_upgrade_is_reported(postgres, name):
    postgres.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 15")
    postgres.execute(f"CREATE ROLE r_{name} LOGIN")
    url = postgres.url(name).replace("postgres@", f"r_{name}@")
    found = {finding.what: finding for finding in examine_server("answers", url, 1)}["answers connections"]
    assert found.found == "15 allowed" and "16" in found.remedy
