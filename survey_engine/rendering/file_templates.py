"""Templates for files: reports, codebooks, sheets of links. All values are escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from survey_engine.settings import ROOT


@cache
def _load_environment() -> Environment:
    loader = FileSystemLoader(ROOT / "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def open_template(name: str) -> Template:
    """Open a template by its path below `templates`. Undefined names in the template raise an error."""
    return _load_environment().get_template(name)
