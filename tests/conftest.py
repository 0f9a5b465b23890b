"""Fixtures for all tests."""

from tests.databases import database_url, engine, identity_url, postgres

__all__ = ["database_url", "engine", "identity_url", "postgres"]
