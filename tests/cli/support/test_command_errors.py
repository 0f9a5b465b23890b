"""Messages of commands about missing libraries."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions, requires

import pytest

from survey_engine.cli.support.command_errors import explain


def list_modules(extra: str) -> list[str]:
    """Return the modules that the requirements of an extra install."""
    named = {re.split(r"[~=<>!;\[ ]", one)[0].lower() for one in requires("survey-engine") or () if f"extra == '{extra}'" in one}
    found = packages_distributions().items()
    return sorted(module for module, owners in found if named & {owner.lower() for owner in owners} and module.isidentifier())


@pytest.mark.parametrize("module", list_modules("data"))
def test_a_missing_library_of_the_extra_data_is_named(module: str) -> None:
    told = explain(ModuleNotFoundError(f"No module named '{module}'", name=module))
    assert told and "survey-engine[data]" in told
