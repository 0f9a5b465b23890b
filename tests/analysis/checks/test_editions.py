"""Linked sections are asked in the same edition."""

from __future__ import annotations

from pathlib import Path

from tests.writing import Written, write_head

SECTION = "section: {0}\nyears: {{every: 2, from: {1}}}\npages: [{{page: {0}_page, questions: [{{mark: {0}_mark, text: M?}}]}}]"


def write_linked(folder: Path, edition: int) -> Written:
    """Write `lessons` for even years, `guidance` for odd ones, and `help` linked to the lessons."""
    change = {
        "edition": str(edition),
        "order": "[{group: main, sections: [main, lessons, guidance, help]}]",
        "linked": "[[lessons, guidance], [lessons, help]]",
    }
    sections = (SECTION.format("lessons", 2024), SECTION.format("guidance", 2025), SECTION.format("help", 2026))
    return write_head(folder, change, *sections)


def test_a_linked_section_not_asked_is_reported_at_the_other_one(tmp_path: Path) -> None:
    problem = write_linked(tmp_path, 2026).find("linked-sections")
    assert problem.wrong == "'lessons' is asked in 2026, but its linked section 'guidance' is not"
    assert problem.place.file == "x/2.yaml"


def test_linked_sections_may_be_asked_or_omitted_together(tmp_path: Path) -> None:
    assert "help" not in str(write_linked(tmp_path, 2026).find("linked-sections"))
    assert "'guidance' is asked in 2025" in write_linked(tmp_path / "odd", 2025).find("linked-sections").wrong


def test_without_an_edition_everything_is_asked(tmp_path: Path) -> None:
    written = write_head(
        tmp_path, {"order": "[{group: main, sections: [main, a]}]", "linked": "[[main, a]]"}, SECTION.format("a", 2031)
    )
    assert "a" in written.questionnaire.sections and not written.compilation.errors


def test_a_section_linked_with_itself_is_reported(tmp_path: Path) -> None:
    written = write_head(tmp_path, {"linked": "[[main, main]]"})

    assert written.find("linked-itself").wrong == "'main' is linked with itself"
