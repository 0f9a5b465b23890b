"""Fixtures for all tests."""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings

from tests.databases import database_url, empty_url, engine, identity_url, postgres

__all__ = ["database_url", "empty_url", "engine", "identity_url", "postgres"]

# The processors are shared, so how long one example takes says nothing; in CI every run tries the same examples.
settings.register_profile("shared", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("shared")

MEMORY, NEEDED = Path("/dev/shm"), 4 << 30

# Processes that tests start share the bytecode of the engine: each would compile it again for 0.3 s. Runs share that of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Stores of tests are in memory where there is room: commits do not wait for a disk, while every engine still synchronizes.
with suppress(OSError):
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
