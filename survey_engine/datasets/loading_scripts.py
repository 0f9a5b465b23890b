"""Scripts in R and Python that load the exported data, with functions for labels and missing codes."""

from __future__ import annotations

from pathlib import Path

from survey_engine.settings import ROOT

_SCRIPT_FILES = ("load.R", "load.py")


def write_loading_scripts(folder: Path) -> None:
    """Copy the scripts. They read the data in the first format in the folder, and the labels from the codebook."""
    for name in _SCRIPT_FILES:
        (folder / name).write_bytes((ROOT / "templates" / "datasets" / f"{name}.txt").read_bytes())
