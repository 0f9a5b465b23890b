"""Cache of compilations: tests, and the commands that they run, compile the same files many times in a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from survey_engine.analysis.checks import CHECKS, Check
from survey_engine.language.interface_catalogues import SHIPPED
from survey_engine.publication.compiler import Compilation, inspect_questionnaire, list_catalogue_folders
from survey_engine.settings import make_absolute

MOST_KEPT = 64
_kept: dict[object, Compilation] = {}


def identify(folder: Path, translations: Path | None, checks: Sequence[Check]) -> tuple[object, ...]:
    """Return everything on which a compilation depends: the bytes and displayed names of its files. Empty if a file is unusual.

    The shipped catalogues are left out: no test changes them.
    """
    folder, here = make_absolute(folder), Path.cwd()
    homes = list_catalogue_folders(folder, translations)
    names = [path.relative_to(here) if path.is_relative_to(here) else path.name for path in (folder, *homes)]
    roots = [folder, *(home for home in homes if home not in SHIPPED)]
    found = [(path.relative_to(root), path) for root in roots for path in sorted(root.rglob("*")) if not path.is_dir()]
    if folder.is_symlink() or any(path.is_symlink() or not path.is_file() for _, path in found):
        return ()
    return (*names, *checks, *((shown, path.read_bytes()) for shown, path in found))


def inspect_once(folder: Path, translations: Path | None = None, checks: Sequence[Check] = CHECKS) -> Compilation:
    """Call `inspect_questionnaire`, but only once for the same files with the same names."""
    key = identify(folder, translations, checks)
    compilation = _kept.pop(key, None) or inspect_questionnaire(folder, translations, checks)
    if key:
        _kept[key] = compilation
    if len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return replace(compilation, problems=[*compilation.problems])
