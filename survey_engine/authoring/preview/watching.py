"""A questionnaire's folder that is compiled again whenever a file in it changes."""

from __future__ import annotations

import threading
from hashlib import blake2b
from pathlib import Path

from survey_engine.publication.compiler import Compilation, inspect_questionnaire


class WatchedFolder:
    """The newest state of a folder: its compilation, and a mark that changes with every saved file."""

    def __init__(self, folder: Path, translations: Path) -> None:
        self.folder, self.translations = folder, translations
        self._turn = threading.Lock()
        self._mark = ""
        self._compilation = Compilation(None)
        self._good = Compilation(None)

    def mark(self) -> str:
        """Names, times and sizes of all files, as one short text."""
        digest = blake2b(digest_size=8)
        for root in (self.folder, self.translations):
            for path in sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".po", ".svg", ".png")):
                state = path.stat()
                digest.update(f"{path}{state.st_mtime_ns}{state.st_size}".encode())
        return digest.hexdigest()

    def compilation(self) -> Compilation:
        """What came of the newest files; where nothing can be built, the problems stand beside the last good state."""
        with self._turn:
            mark = self.mark()
            if mark != self._mark:
                self._compilation, self._mark = inspect_questionnaire(self.folder, self.translations), mark
                if self._compilation.questionnaire:
                    self._good = self._compilation
        return self._compilation

    def last_good(self) -> Compilation:
        self.compilation()
        return self._good
