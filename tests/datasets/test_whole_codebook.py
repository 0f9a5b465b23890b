"""The whole codebook of one export, as a table and as a page, compared with what was read and approved.

After a meant change: UPDATE_SNAPSHOTS=1 pytest test_whole_codebook.py; then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.datasets.filling import Store, write_example
from tests.datasets.test_earlier_versions import NEWER

SNAPSHOTS = Path(__file__).parent / "snapshots"
DOCUMENTED = NEWER.replace(
    "        purpose: To see who works.\n",
    "        purpose: To see who works.\n        source: Own question\n        since: 2024\n        frozen_until: 2027\n"
    "        tested: true\n        indicators: [work, money]\n        random_order: true\n",
).replace("to: 60\n        unit: {en: hours, easy: hrs}", "to: 7\n        unit: {en: '*days* & <parts>', easy: dys}")
"""All that an author can say about a question, and a number with another unit and range."""


@pytest.fixture
def codebook(store: Store, tmp_path: Path) -> Path:
    """The folder of an export with responses to two versions, several institutions, modules, languages and missing values."""
    old = store.questionnaire
    for number in range(12):
        id = store.start("north" if number % 3 else "south", path="bol" if number % 2 else "bbl", modules={"food": "council"})
        store.save(id, "start", job="some" if number % 2 else "none")
        store.save(id, "hours_page", hours=number + 1)
        store.save(id, "opinions", good=number % 3 + 1, busy="na", why=["money"], done=number > 3)
    store.questionnaire = write_example(tmp_path / "newer", main=DOCUMENTED)
    for _ in range(6):
        id = store.start("south", language="easy", modules={"sport": "random"})
        store.save(id, "start", job="never", complete=True)
    store.export(tmp_path / "out", versions={each.version: each for each in (old, store.questionnaire)}, least_group=3)
    return tmp_path / "out"


@pytest.mark.parametrize("name", ["codebook.csv", "codebook.html"])
def test_the_codebook_is_as_approved(codebook: Path, name: str) -> None:
    written, approved = (codebook / name).read_text("utf-8-sig"), SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        approved.parent.mkdir(exist_ok=True)
        approved.write_text(written)
    assert written.splitlines() == approved.read_text().splitlines()
