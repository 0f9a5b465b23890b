"""Keys that sign are rotated in three steps, during which two groups of processes have different lists; `doctor` names the step."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.fieldwork.key_checks import record_keys
from survey_engine.operations.doctor.surroundings import examine_rotation
from tests.web.conftest import House, send, start, write_short
from tests.web.respondent.test_versions import move

OLD, NEW = "o" * 32, "n" * 32
STEPS = {
    "0 to 1": (OLD, f"{OLD},{NEW}"),
    "1": (f"{OLD},{NEW}", f"{OLD},{NEW}"),
    "1 to 2": (f"{OLD},{NEW}", f"{NEW},{OLD}"),
    "2": (f"{NEW},{OLD}", f"{NEW},{OLD}"),
    "2 to 3": (f"{NEW},{OLD}", NEW),
}
"""Step → keys of one group and of the other."""


def open_groups(folder: Path, *lists: str) -> list[House]:
    write_short(folder / "q", "short")
    return [House(folder, SURVEY_SECRET_KEYS=keys) for keys in lists]


@pytest.mark.parametrize("step", STEPS)
def test_pages_of_one_group_are_saved_by_the_other_in_each_step(tmp_path: Path, step: str) -> None:
    one, other = open_groups(tmp_path, *STEPS[step])
    for here, there in ((one, other), (other, one)):
        device = here.device()
        page = start(device)
        assert there.page(send(move(device, there), page, {"has_job": "no"})) == "story"
    one.close()
    other.close()


def test_a_page_signed_with_an_unknown_key_keeps_the_answers(tmp_path: Path) -> None:
    """A new key was put in front before the other group accepts it."""
    one, other = open_groups(tmp_path, OLD, f"{NEW},{OLD}")
    device = other.device()
    story = send(device, start(device), {"has_job": "no"})
    refused = send(move(device, one), story, {"story": "all that I typed"})
    assert refused.status == 400 and "all that I typed" in refused.text
    assert other.page(send(move(device, other), story, {"story": "all that I typed"})) == "panel"
    one.close()
    other.close()


def test_doctor_names_the_step_and_a_group_without_the_new_key(tmp_path: Path) -> None:
    found = {}
    for step, keys in {"0": OLD, "1": f"{OLD},{NEW}", "2": f"{NEW},{OLD}"}.items():
        (house,) = open_groups(tmp_path, keys)
        record_keys(house.settings, house.site.answers, house.site.identity, accept=True)  # as maintain --renew-keys does
        found[step] = examine_rotation(house.settings)
        behind = House(tmp_path, SURVEY_SECRET_KEYS=OLD).settings if step == "2" else None
        house.close()
    assert [finding.remedy for finding in found.values()] == ["", "", ""]
    assert "step 1 of 3" in found["1"].found and "step 2 of 3" in found["2"].found
    remedy = examine_rotation(behind).remedy if behind else ""
    assert 0 < remedy.find("maintain --renew-keys") < remedy.find("append"), "after step 3 nothing is appended"
