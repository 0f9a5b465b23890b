"""A questionnaire's folder that is compiled again after every change of a file."""

from __future__ import annotations

import threading
from hashlib import blake2b
from pathlib import Path

from survey_engine.publication.compiler import Compilation, inspect_questionnaire


class WatchedFolder:
    """The current state of a folder: its compilation, and a digest that changes when a file is saved."""

    def __init__(self, folder: Path, translations: Path) -> None:
        self.folder, self.translations = folder, translations
        self._lock = threading.Lock()
        self._digest = ""
        self._compilation = Compilation(None)
        self._good = Compilation(None)

    def compute_digest(self) -> str:
        """Return a digest of the names, modification times and sizes of all files."""
        digest = blake2b(digest_size=8)
        for root in (self.folder, self.translations):
            for path in sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".po", ".svg", ".png")):
                status = path.stat()
                digest.update(f"{path}{status.st_mtime_ns}{status.st_size}".encode())
        return digest.hexdigest()

    def compilation(self) -> Compilation:
        """Compile the current files. If no questionnaire can be built, the result has only problems, and `last_good` does not change."""
        with self._lock:
            digest = self.compute_digest()
            if digest != self._digest:
                self._compilation, self._digest = inspect_questionnaire(self.folder, self.translations), digest
                if self._compilation.questionnaire:
                    self._good = self._compilation
        return self._compilation

    def last_good(self) -> Compilation:
        self.compilation()
        return self._good
