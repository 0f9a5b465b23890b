"""The command `prove`: reports in terminal and HTML, exit codes, and the message without a solver."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from survey_engine.cli.prove import prove
from tests.analysis.proof.small import FILES, find_verdict, prove_small, write_small

PAGE = "  - page: {}\n    when: {}\n    questions:\n      - bank: week\n"
TWICE = {
    "bank.yaml": "bank: all\nquestions:\n  - {mark: week, text: T}\n",
    "main.yaml": FILES["main.yaml"] + PAGE.format("second", "path == 'bol'") + PAGE.format("third", "level == 1"),
}


def test_a_proof_exits_with_0_and_reports_it(tmp_path: Path) -> None:
    write_small(tmp_path, {})
    result = CliRunner().invoke(prove, [str(tmp_path / "q" / "x")])
    assert result.exit_code == 0, result.output
    assert "proved    Every response option can be chosen by somebody" in result.stdout
    assert "Conditions outside the proof: none" in result.stdout
    assert "failed" not in result.stdout


def test_a_failure_exits_with_1_and_both_reports_name_line_and_respondent(tmp_path: Path) -> None:
    write_small(tmp_path, TWICE)
    page = tmp_path / "proof.html"
    result = CliRunner().invoke(prove, [str(tmp_path / "q" / "x"), "--html", str(page)])
    assert result.exit_code == 1
    for report in (result.stdout, page.read_text(encoding="utf-8")):
        assert "x/main.yaml:" in report
        assert "again on page &#39;third&#39;" in report or "again on page 'third'" in report
        assert "a student of North in en" in report


def test_names_from_a_questionnaire_stay_text_in_the_html_report(tmp_path: Path) -> None:
    write_small(tmp_path, {**TWICE, "north.yaml": 'institution: north\nname: "<script>alert(1)</script>"\n'})
    page = tmp_path / "proof.html"
    CliRunner().invoke(prove, [str(tmp_path / "q" / "x"), "--html", str(page)])
    written = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in written and "<script>" not in written


def test_parts_are_counted_in_each_variant(tmp_path: Path) -> None:
    counts = []
    for languages in ("{en: {name: English}}", "{en: {name: English}, xx: {name: X, locale: en@x}}"):
        folder = tmp_path / str(len(counts))
        head = re.sub(r"languages: .*", f"languages: {languages}", FILES["questionnaire.yaml"])
        sheet = prove_small(folder, {"questionnaire.yaml": head})[0]
        counts.append(find_verdict(sheet, "items").counted)
    assert counts == ["16 parts, counted in each variant", "32 parts, counted in each variant"]


def test_a_variant_without_all_wordings_is_named_and_left_out(tmp_path: Path) -> None:
    head = FILES["questionnaire.yaml"].replace("name: English}", "name: English}, fa: {name: Farsi, draft: true}")
    write_small(tmp_path, {"questionnaire.yaml": head})
    page = tmp_path / "proof.html"
    result = CliRunner().invoke(prove, [str(tmp_path / "q" / "x"), "--html", str(page)])
    assert result.exit_code == 0, result.output
    for report in (result.stdout, page.read_text(encoding="utf-8")):
        assert "Without fa" in report and " in fa" not in report


def test_errors_in_routing_must_be_fixed_first(tmp_path: Path) -> None:
    write_small(tmp_path, {**TWICE, "main.yaml": TWICE["main.yaml"].replace("level == 1", "levl == 1")})
    result = CliRunner().invoke(prove, [str(tmp_path / "q" / "x")])
    assert result.exit_code == 1
    assert "[unknown-name]" in result.output and "proved" not in result.output


def test_without_the_solver_the_command_says_how_to_install_it() -> None:
    code = "import sys; sys.modules['z3'] = None; from survey_engine.cli import main; main(['prove', '.'])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "pip install 'survey-engine[proof]'" in result.stderr
