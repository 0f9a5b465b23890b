"""The digest of a questionnaire's meaning is equal in every program and every folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from survey_engine.publication.archives import unpack
from survey_engine.publication.meaning import digest_meaning
from tests.publication import releases
from tests.writing import HEAD, write_sections

RELEASES = Path(releases.__file__).parent
RELEASED = json.loads((RELEASES / "digests.json").read_text())
SECTION = """\
section: main
pages:
  - page: first
    questions:
      - {choice: size, text: Which size?, options: {a: Small, b: Large}}
      - {number: age, text: How old?, from: 1, to: 99}
  - page: second
    when: size == 'a' and age > 3
    questions:
      - {grid: views, text: Views?, scale: agree, items: {fun: Fun, calm: Calm}}
"""


def digest(folder: Path, section: str = SECTION, head: str = HEAD) -> str:
    questionnaire = write_sections(folder, section, head=head).questionnaire
    return digest_meaning(questionnaire)


@pytest.mark.parametrize("code", RELEASED)
def test_versions_of_the_last_release_are_read_as_they_were_then(code: str) -> None:
    """If it must change, stored versions would get 503: name it in the upgrade notes, then regenerate the release."""
    questionnaire = unpack((RELEASES / f"{code}.zip").read_bytes(), code)

    assert questionnaire is not None and questionnaire.version == RELEASED[code]["version"]
    assert digest_meaning(questionnaire) == RELEASED[code]["digest"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Which size?", "What size?"),
        ("a: Small", "c: Small"),
        ("a: Small, b: Large", "b: Large, a: Small"),
        ("to: 99", "to: 98"),
        ("age > 3", "age >= 3"),
        ("size == 'a' and", "size == 'a' or"),
        ("fun: Fun, calm: Calm", "calm: Calm, fun: Fun"),
        ("calm: Calm", "calm: {text: Calm, when: age > 5}"),
    ],
)
def test_content_and_conditions_change_the_digest(tmp_path: Path, old: str, new: str) -> None:
    assert digest(tmp_path / "a") != digest(tmp_path / "b", SECTION.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [("section: main\n", "# a comment\nsection: main\n"), ("text: How old?", "text: 'How old?'"), ("age > 3", "(age > 3)")],
)
def test_notation_does_not_change_the_digest(tmp_path: Path, old: str, new: str) -> None:
    assert digest(tmp_path / "a") == digest(tmp_path / "b", SECTION.replace(old, new))
