"""Stores the shipped questionnaires with this program."""

from __future__ import annotations

import json
from pathlib import Path

from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.folders import list_folders
from survey_engine.publication.versions import pack_version
from tests import ROOT, SHIPPED

HERE = Path(__file__).parent


def main() -> None:
    digests = {}
    for folder in list_folders(SHIPPED):
        stored = pack_version(compile_questionnaire(folder), folder, ROOT / "translations")
        (HERE / f"{stored.questionnaire}.zip").write_bytes(stored.files)
        digests[stored.questionnaire] = {"version": stored.version, "digest": stored.digest}
    (HERE / "digests.json").write_text(json.dumps(digests, indent=2) + "\n")


if __name__ == "__main__":
    main()
