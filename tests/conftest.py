"""Fixtures for all tests."""

import os

from hypothesis import settings

from tests.databases import database_url, engine, identity_url, postgres

__all__ = ["database_url", "engine", "identity_url", "postgres"]

settings.register_profile("shared", deadline=None, derandomize="CI" in os.environ)  # the processors are shared: how long one example takes says nothing
settings.load_profile("shared")
