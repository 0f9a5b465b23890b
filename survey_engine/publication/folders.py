"""Where questionnaires lie: a folder named after the questionnaire's id, with its head in `questionnaire.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from survey_engine.model.messages import Problem
from survey_engine.model.questionnaire import Place, Questionnaire

HEAD = "questionnaire.yaml"


def list_folders(root: Path) -> list[Path]:
    """Every questionnaire's folder directly below `root`, in the order of their names."""
    return sorted(filter(is_questionnaire, root.iterdir())) if root.is_dir() else []


def is_questionnaire(folder: Path) -> bool:
    """Whether a YAML file right in this folder begins with the key `questionnaire`."""
    return folder.is_dir() and any(_begins_questionnaire(file) for file in folder.glob("*.yaml"))


def _begins_questionnaire(file: Path) -> bool:
    lines = file.read_text("utf-8-sig", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith(("#", "---"))), "")
    return first.startswith("questionnaire:")


def check_folder(folder: Path, questionnaire: Questionnaire) -> Iterator[Problem]:
    """Problems of where a questionnaire lies: all commands find it by the names of its folder and its head."""
    name = folder.resolve().name
    if name != questionnaire.code:
        yield Problem("folder-name", questionnaire.place, {"code": questionnaire.code, "folder": name})
    head = Path(questionnaire.place.file).name
    if head != HEAD:
        yield Problem("head-name", Place(questionnaire.place.file), {"name": head, "head": HEAD})
