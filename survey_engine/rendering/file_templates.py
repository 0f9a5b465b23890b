"""Templates of whole files that are written for people: reports, codebooks, sheets of links. Everything in them is escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from survey_engine.settings import ROOT


@cache
def _load_environment() -> Environment:
    loader = FileSystemLoader(ROOT / "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def open_template(name: str) -> Template:
    """A template by its path below `templates`; a name in it that was not given is an error."""
    return _load_environment().get_template(name)
