"""Codes with another meaning than in stored versions; `tests/publication/test_versions.py` publishes them."""

from __future__ import annotations

from pathlib import Path

from survey_engine.analysis.checks.stored_codes import check_codes
from survey_engine.analysis.checks.trends import check_trends
from tests.writing import HEAD, ask, write_sections


def test_two_modules_do_not_exchange_their_questions(tmp_path: Path) -> None:
    modules = [
        f"module: {code}\npages: [{{page: {page}, questions: [{{mark: {page}_mark, text: Q?}}]}}]\n"
        for code, page in (("m1", "sun"), ("m2", "rain"))
    ]
    order = f"{HEAD}  - {{group: more, modules: {{random: 1}}}}\n"
    before, now = (
        write_sections(tmp_path / name, ask("- mark: week\n  text: Week?\n"), *texts, head=order).questionnaire
        for name, texts in (
            ("old", modules),
            ("new", [text.replace("m1", "m").replace("m2", "m1").replace("module: m\n", "module: m2\n") for text in modules]),
        )
    )
    found = [problem.facts["code"] for problem in check_trends(now, before) if problem.code == "definition-changed"]

    assert sorted(found) == ["m1", "m2"]
    assert [each.facts["code"] for each in check_codes(now, [before])] == found
