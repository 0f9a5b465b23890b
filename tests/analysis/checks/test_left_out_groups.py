"""A core section that a language variant shows is asked of somebody in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import write_head

LANGUAGES = "{{en: {{name: English}}, nt2: {{name: Simple, based_on: en, draft: true, groups: [{}]}}}}"
ORDER = "[{group: main, sections: [main]}, {group: more, sections: [extra]}]"
EXTRA = "«section: extra\n{}pages:\n  - page: extra\n    {}questions: [{{mark: extra_mark, text: T?}}]\n"
NORTH = "institution: north\nname: North\nlanguages: [en, nt2]"


@pytest.mark.parametrize(
    ("groups", "section", "page", "reported"),
    [
        ("more", "when: week <= 5\n", "", True),
        ("more", "", "when: week <= 5\n    ", True),
        ("main, more", "when: week <= 5\n", "", False),
        ("more", "when: not answered(week)\n", "", False),
        ("more", "when: week <= 5 and language == 'en'\n", "", False),
        ("more", "languages: [en]\nwhen: week <= 5\n", "", False),
        ("main", "when: week <= 5\n", "", False),
    ],
)
def test_a_section_needs_no_answer_that_a_variant_leaves_out(
    tmp_path: Path, groups: str, section: str, page: str, reported: bool
) -> None:
    change = {"languages": LANGUAGES.format(groups), "order": ORDER}
    written = write_head(tmp_path, change, EXTRA.format(section, page), NORTH)
    assert ("answers-left-out" in written.codes) == reported
    if reported:
        assert written.find("answers-left-out").facts["names"] == "'week'"


def test_a_page_may_follow_up_on_what_a_variant_leaves_out(tmp_path: Path) -> None:
    section = EXTRA.format("", "") + "  - page: follow\n    when: week <= 5\n    questions: [{mark: other_mark, text: U?}]\n"
    change = {"languages": LANGUAGES.format("more"), "order": ORDER}
    assert "answers-left-out" not in write_head(tmp_path, change, section, NORTH).codes
