"""Fixtures for all tests."""

import os

from hypothesis import settings

from tests.databases import database_url, engine, identity_url, postgres

__all__ = ["database_url", "engine", "identity_url", "postgres"]

# The processors are shared, so how long one example takes says nothing; in CI every run tries the same examples.
settings.register_profile("shared", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("shared")
