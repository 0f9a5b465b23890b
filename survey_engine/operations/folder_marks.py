"""Files that mark a folder of data as no installation: its answers are simulated, or of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SIMULATED, DEMO = "SIMULATED", "DEMO"
FOLDER_MARKS: Mapping[str, str] = {
    SIMULATED: "The answers in this folder are simulated.",
    DEMO: "The links and answers in this folder belong to `survey-engine demo`.",
}
"""Name of the file → what it says."""
NEW_FOLDER = "For fieldwork, set SURVEY_DATA to a new folder."
_USED = "Used as an installation by: survey-engine "
"""Start of a line that is added when a command for fieldwork uses the folder: it may have answers of respondents since."""


def list_marks(data: Path) -> list[str]:
    """Return the marks of a folder of data."""
    return [name for name in FOLDER_MARKS if (data / name).is_file()]


def note_use(data: Path, command: str) -> list[str]:
    """Write in the marks of a folder that this command used it as an installation; return the marks."""
    found, line = list_marks(data), f"{_USED}{command}\n"
    for name in found:
        written = (data / name).read_text(encoding="utf-8")
        if line not in written:
            (data / name).write_text(f"{written or FOLDER_MARKS[name] + chr(10)}{line}", encoding="utf-8")
    return found


def is_used(data: Path, name: str) -> bool:
    """Whether a command for fieldwork used a marked folder."""
    return (data / name).is_file() and _USED in (data / name).read_text(encoding="utf-8")


def remove_marks(data: Path) -> None:
    for name in list_marks(data):
        (data / name).unlink()
