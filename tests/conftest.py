"""Fixtures for all tests."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import CodeType

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from survey_engine.publication import compiler
from tests.compiling import inspect_once
from tests.databases import database_url, empty_url, engine, identity_url, postgres

__all__ = ["database_url", "empty_url", "engine", "identity_url", "postgres"]

# No deadline per example, because the processors are shared. In CI every run tries the same examples.
settings.register_profile("shared", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("shared")

MEMORY, NEEDED = Path("/dev/shm"), 4 << 30

# Processes that tests start share the engine's bytecode, which each would otherwise compile for 0.3 s. Runs share that of the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


class CompiledTemplates(BytecodeCache):
    """Cache of the code of templates, shared by all applications of this process: many tests make an application of their own."""

    def __init__(self) -> None:
        self.codes: dict[object, CodeType | None] = {}

    def identify(self, bucket: Bucket) -> object:
        """Return everything on which the code depends: name, file and text of the template, and the options that the engine sets."""
        return bucket.key, bucket.checksum, bucket.environment.trim_blocks, bucket.environment.lstrip_blocks

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get(self.identify(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[self.identify(bucket)] = bucket.code


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
compiler.inspect_questionnaire = inspect_once  # before tests and commands import it
# Definitions never change; most copies differ in one file.
compiler.read_document = lru_cache(maxsize=500)(compiler.read_document)

# Stores of tests are in memory if there is room: commits do not wait for a disk, although both engines still synchronise.
with suppress(OSError):
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


class Examples:
    """Searches the docstrings of no file without an example, of which there are a thousand."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path) -> Iterator[None]:
        found = yield
        return found if b">>> " in file_path.read_bytes() else [one for one in found if type(one) is pytest.Module]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Examples())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Exclude half a million permanent objects from garbage collection, which took half the time of collecting tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(50_000, 20, 20)
