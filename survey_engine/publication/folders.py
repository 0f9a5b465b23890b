"""Folders of questionnaires: each is named after the questionnaire's code, with its head in `questionnaire.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from survey_engine.language.documents import DOCUMENTS
from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire

HEAD = "questionnaire.yaml"
DEFINITIONS = (".yaml", ".yml")
"""Suffixes of the files that are read, in small or capital letters."""
MAX_FILE_BYTES = 5_000_000
"""Maximum size of a file."""
_FIRST_KEY = re.compile(rf"""^["']?(?P<kind>{"|".join(DOCUMENTS)})["']? *:""")
"""The first line of a definition, in YAML or in JSON without its bracket."""


def list_folders(root: Path) -> list[Path]:
    """List the folders of questionnaires directly in `root`, in the order of their names."""
    return sorted(filter(is_questionnaire, root.iterdir())) if root.is_dir() else []


def is_questionnaire(folder: Path) -> bool:
    """Return whether a YAML file directly in this folder begins with the key `questionnaire`."""
    return folder.is_dir() and any(
        _begins_questionnaire(file)
        for file in folder.iterdir()
        if file.suffix.lower() in DEFINITIONS and not find_unread_reason(file, folder)
    )


def _begins_questionnaire(file: Path) -> bool:
    lines = file.read_text("utf-8-sig", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith(("#", "---"))), "")
    return first.startswith("questionnaire:")


def check_folder(folder: Path, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report a folder or a head with a name that commands would not find."""
    name = folder.resolve().name
    if name != questionnaire.code:
        yield Problem("folder-name", questionnaire.place, {"code": questionnaire.code, "folder": name})
    head = Path(questionnaire.place.file).name
    if head != HEAD:
        yield Problem("head-name", Place(questionnaire.place.file), {"name": head, "head": HEAD})


def find_unread_reason(path: Path, folder: Path) -> str:
    """Return why a file of this folder is not read, as a predicate of its name; empty if it is read."""
    try:
        status, target = path.stat(), path.resolve(strict=True)
    except OSError:
        return "is a broken link"
    if not target.is_relative_to(folder.resolve()):
        return "is a link to a file outside its folder"
    if not S_ISREG(status.st_mode):
        return "is not a regular file"
    return "" if status.st_size <= MAX_FILE_BYTES else f"has more than {MAX_FILE_BYTES // 1_000_000} MB"


def iter_misnamed(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield the files with the text of a definition and another suffix: the path, the first key and the name to give it.

    Copies that editors keep beside a definition, such as main.yaml.bak, are left out.
    """
    for path in sorted(folder.rglob("*")):
        name = f"{path.name.split('.')[0]}{DEFINITIONS[0]}"
        if path.name.startswith(".") or path.suffix.lower() in DEFINITIONS or (path.parent / name).exists():
            continue
        if path.is_file() and not find_unread_reason(path, folder):
            lines = (line.lstrip(" \t{") for line in path.read_text("utf-8-sig", "replace").splitlines())
            first = next((line for line in lines if line and not line.startswith(("#", "---"))), "")
            if found := _FIRST_KEY.match(first):
                yield path, found["kind"], name
