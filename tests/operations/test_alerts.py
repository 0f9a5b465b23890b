"""The shipped rules for Prometheus name metrics that a server has, and say what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests import ROOT
from tests.databases import PostgresServer
from tests.web.conftest import FINISHED, House, start, walk, write_short

TOKEN = "t" * 32
RULES = yaml.safe_load((ROOT / ".container" / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
SUFFIXES = ("_bucket", "_sum", "_count", "_total")


def read_metrics(house: House) -> dict[str, set[str]]:
    """Name of each metric → names of its labels."""
    reply = house.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    families = list(text_string_to_metric_families(reply.text))
    return {family.name: {label for sample in family.samples for label in sample.labels} for family in families}


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    folder = tmp_path_factory.mktemp("house")
    write_short(folder / "q", "short")
    house = House(folder, SURVEY_METRICS_TOKEN=TOKEN)
    house.settings.backup_stamp.touch()
    device = house.device()
    walk(device, start(device), *FINISHED)
    found = read_metrics(house)
    house.close()
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_names_metrics_that_exist_and_a_remedy(rule: dict[str, Any], metrics: dict[str, set[str]]) -> None:
    written = str(rule["expr"])
    names = re.findall(r"\bsurvey_\w+", written)
    found = [
        next((name.removesuffix(end) for end in ("", *SUFFIXES) if name.removesuffix(end) in metrics), None) for name in names
    ]
    assert None not in found and (found or written.startswith("up{"))
    labels = set().union({"instance", "job", "le"}, *(metrics[name] for name in found if name))
    used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) | set(re.findall(r"(\w+)=~?\"", written))
    used |= {label for group in re.findall(r"by \(([^)]+)\)", written) for label in group.split(", ")}
    known = labels | (
        {"store", "kind", "panel", "questionnaire"} if found and not any(metrics[name] for name in found if name) else set()
    )
    assert used <= known
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"} and written.count("(") == written.count(")")
    assert rule["labels"]["severity"] in ("page", "ticket") and set(rule["annotations"]) == {"summary", "remedy"}


def test_the_names_of_rules_are_unique() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_gauges_of_a_broken_store_are_left_out_and_the_others_are_there(tmp_path: Path, postgres: PostgresServer) -> None:
    write_short(tmp_path / "q", "short")
    names = [postgres.create_database() for _ in range(2)]
    urls = dict(zip(("SURVEY_DATABASE_URL", "SURVEY_IDENTITY_URL"), map(postgres.url, names), strict=True))
    house = House(tmp_path, SURVEY_METRICS_TOKEN=TOKEN, **urls)
    try:
        assert "survey_job_overdue_seconds" in read_metrics(house)
        with house.site.identity.write() as connection:
            connection.exec_driver_sql("ALTER TABLE job RENAME TO away")
        found = read_metrics(house)
        assert "survey_job_overdue_seconds" not in found and {"survey_ready", "survey_version_in_service"} <= {*found}
    finally:
        house.close()
