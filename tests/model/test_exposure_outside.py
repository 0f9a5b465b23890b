"""A question is not asked if only its answers outside the scale are left."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.engine.routing import Respondent, route
from tests.writing import write_head

NORTH = "institution: north\nname: N"


@pytest.mark.parametrize(("level", "asked"), [(1, ("first", "fish")), (2, ("first",))])
def test_dont_know_alone_is_not_asked(tmp_path: Path, level: int, asked: tuple[str, ...]) -> None:
    options = "{a: {text: A, when: level == 1}, b: {text: B, when: level == 1}}"
    question = f"{{choice: fish, text: T?, dont_know: No idea, comment: true, options: {options}}}"
    extra = f"section: extra\npages: [{{page: fish, questions: [{question}]}}]"
    written = write_head(tmp_path, {"order": "[{group: main, sections: [main, extra]}]"}, extra, NORTH)
    assert not written.compilation.errors
    path = route(written.questionnaire, Respondent("north", "en", {"level": level}), {})
    assert path.codes == asked
