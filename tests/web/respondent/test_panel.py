"""Panel sign-up: a waiting address can be changed and removed, and is committed together with its page."""

from __future__ import annotations

import re
from datetime import timedelta
from time import monotonic

import pytest

from survey_engine.fieldwork.panel import FEWEST_WAITING, SHARE
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.storage.database import read_now
from survey_engine.storage.panels import Member, add_members, list_members
from survey_engine.web.respondent.rate_limits import LIMITS
from tests.databases import ENGINES
from tests.web.conftest import House, send, start, walk

RUNS_ON = ENGINES
SIGNED = {"panel": "Me@example.org"}


def reach_panel(device: Browser, language: str = "en") -> Reply:
    return walk(device, start(device, f"/q/short/demo?lang={language}"), {"has_job": "no"}, {"story": "well"})


def list_waiting(house: House) -> list[str]:
    keys = house.site.participation.contact_keys
    return [keys.decrypt(token) for (token,) in house.rows("SELECT token FROM panel_waiting")]


def press(device: Browser, done: Reply, what: str, **fields: str) -> Reply:
    """Press a button on the proof of completion."""
    ticket = re.search(r'name="ticket" value="([^"]+)"', done.text).group(1)
    return device.post_plainly(f"/done/short/{what}", [("ticket", ticket), *fields.items()])


def reopen(house) -> None:
    """As if other pages followed the panel's page."""
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("UPDATE response SET completed_at = NULL")


def test_an_address_first_waits_encrypted_outside_the_panel(house, script):
    device = house.device(script=script)
    assert send(device, reach_panel(device), SIGNED).drawn.receipt

    assert list_waiting(house) == ["Me@example.org"]
    assert list_members(house.site.identity) == []


def test_the_twentieth_lets_all_of_them_join(house):
    for number in range(FEWEST_WAITING):
        assert list_members(house.site.identity) == []
        device = house.device()
        send(device, reach_panel(device), {"panel": f"Me{number}@example.org"})

    assert {*list_members(house.site.identity)} == {
        ("short/panel", f"me{number}@example.org") for number in range(FEWEST_WAITING)
    }
    assert list_waiting(house) == []


def test_only_the_browser_of_a_personal_link_remembers_an_address(house):
    device = house.device()
    personal = walk(device, start(device, house.invite()), {"has_job": "no"}, {"story": "well"})
    assert 'autocomplete="email"' in personal.text
    assert 'autocomplete="email"' not in reach_panel(house.device()).text


def test_a_large_panel_has_larger_batches(house):
    add_members(
        house.site.identity, [Member("other/panel", f"{number}@example.org") for number in range(SHARE * (FEWEST_WAITING + 1))]
    )
    for _ in range(FEWEST_WAITING):
        device = house.device()
        send(device, reach_panel(device), SIGNED)

    assert len(list_waiting(house)) == FEWEST_WAITING


@pytest.mark.parametrize(("typed", "stored"), [("other@example.org", ["other@example.org"]), ("", [])])
def test_the_address_is_shown_on_return_and_can_be_changed_or_withdrawn(house, typed, stored):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)
    again = device.get(panel.path)

    assert [field.value for field in again.drawn.fields if field.name == "q.panel"] == ["Me@example.org"]
    send(device, again, {"panel": typed})
    assert list_waiting(house) == stored


def test_a_background_save_stores_no_address_and_does_not_report_saved(house):
    device = house.device()
    kept = send(device, reach_panel(device), SIGNED, wish="keep")
    assert (kept.status, kept.text.strip()) == (422, "{}"), "nothing is wrong, and it is not saved"
    assert list_waiting(house) == []


@pytest.mark.parametrize("typing", ["nothing", "slowly", "wrongly", "twice", "and deletes it"])
def test_no_stored_count_shows_whether_or_how_an_address_was_typed(house, script, typing):
    device = house.device(script=script)
    panel = reach_panel(device)
    typed = {"slowly": ["M", "Me@example.org"], "wrongly": ["half@"], "and deletes it": ["M", ""]}.get(typing, [])
    for count, text in enumerate(typed, start=5):
        send(device, panel, {"panel": text}, wish="keep", number=str(count))
    if typing == "wrongly":
        panel = send(device, panel, {"panel": "half@"}, number="9")
    done = send(device, panel, {} if typing in ("nothing", "and deletes it") else SIGNED, number=str(10 + len(typed)))
    if typing == "twice":
        assert send(device, panel, {"panel": "later@example.org"}, number="30").drawn.receipt

    assert done.drawn.receipt
    assert house.rows("SELECT number, version, done FROM page WHERE page = 'panel'") == [(1, 1, True)]
    assert house.rows("SELECT saves FROM response") == [(3,)]


@pytest.mark.parametrize("wish", ["back", "stop", "keep"])
def test_a_page_left_without_next_does_not_show_who_typed_an_address(house, wish):
    device = house.device(script=True)
    panel = reach_panel(device)
    send(device, panel, {"panel": "Me@ex"}, wish="keep", number="6")
    send(device, panel, SIGNED, wish=wish, number="15")

    assert house.rows("SELECT page FROM page WHERE page = 'panel'") == []
    assert house.rows("SELECT saves FROM response") == [(2,)]


@pytest.mark.parametrize("framed", [False, True])
def test_stop_says_that_a_typed_address_is_not_saved(house, script, framed):
    said = {}
    for typed in ("", "Me@example.org"):
        device = house.device(script=script)
        panel = reach_panel(device)
        if framed:
            device.cookies.clear()
        said[typed] = "Your address for the panel is not saved" in send(device, panel, {"panel": typed}, wish="stop").text

    assert said == {"": False, "Me@example.org": True}
    assert list_waiting(house) == []


def test_stop_does_not_deny_an_address_that_waits(house):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)

    assert "is not saved" not in send(device, device.get(panel.path), SIGNED, wish="stop").text


def test_a_background_save_that_next_overtook_removes_no_address(house):
    device = house.device(script=True)
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)

    assert send(device, panel, {"panel": ""}, wish="keep", number="1").status == 409
    assert list_waiting(house) == ["Me@example.org"]


@pytest.mark.parametrize(("typed", "status"), [("Me@example.org", 204), ("", 204), ("other@example.org", 422)])
def test_a_background_save_of_the_waiting_address_reports_saved(house, typed, status):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)

    assert send(device, device.get(panel.path), {"panel": typed}, wish="keep").status == status


def test_nothing_is_stored_when_the_page_loses_its_race(house):
    """The response was completed in another window between the decision and the save."""
    device = house.device()
    panel = reach_panel(device)
    send(device, panel)
    assert send(device, panel, SIGNED).drawn.receipt

    assert list_waiting(house) == []


def test_the_proof_shows_the_address_only_on_request_and_lets_change_it(house):
    device = house.device()
    done = send(device, reach_panel(device), SIGNED)
    shown = press(device, done, "address")
    faulty = press(device, shown, "address", panel="half@")
    changed = press(device, faulty, "address", panel="new@example.org")
    gone = press(device, changed, "address", panel="")

    assert "example.org" not in done.text and "Me@example.org" in shown.text
    assert faulty.status == 422 and "half@" in faulty.text
    assert "new@example.org" in changed.text and "every message from the panel says how to leave it" in gone.text
    assert list_waiting(house) == []


@pytest.mark.parametrize("left", ["closed", "paused", "the next pupil began"])
def test_a_proof_that_its_owner_left_shows_and_changes_nothing(house, monkeypatch, left):
    """The proof is still open in another tab."""
    device = house.device()
    done = send(device, reach_panel(device), SIGNED)
    if left == "closed":
        device.post_plainly("/done/short", [])
    elif left == "paused":
        monkeypatch.setattr(house.site.participation, "clock", (read_now(house.site.answers) + timedelta(hours=2), monotonic()))
    else:
        start(device)

    for what, fields in (("key", {}), ("address", {}), ("address", {"panel": "new@example.org"})):
        reply = press(device, done, what, **fields)
        assert reply.status == 403 and "example.org" not in reply.text and 'class="key"' not in reply.text
    assert list_waiting(house) == ["Me@example.org"]


def test_a_link_opened_again_later_shows_the_key_and_the_address(house, monkeypatch):
    device, link = house.device(), house.invite()
    panel = walk(device, start(device, link), {"has_job": "no"}, {"story": "well"})
    send(device, panel, SIGNED)
    device.post_plainly("/done/short", [])
    monkeypatch.setattr(house.site.participation, "clock", (read_now(house.site.answers) + timedelta(seconds=5), monotonic()))

    assert press(device, device.get(link), "key").status == 200
    assert "Me@example.org" in press(device, device.get(link), "address").text


def test_a_waiting_address_has_few_changes_and_the_list_few_lines(house):
    device = house.device()
    done = send(device, reach_panel(device), SIGNED)
    before = len(house.settings.erasures.read_text().splitlines()) if house.settings.erasures.exists() else 0
    statuses = [press(device, done, "address", panel=f"new{number}@example.org").status for number in range(50)]

    assert statuses == [200] * LIMITS["change"].burst + [429] * (50 - LIMITS["change"].burst)
    assert len(house.settings.erasures.read_text().splitlines()) - before == 2 * LIMITS["change"].burst
    assert list_waiting(house) == [f"new{LIMITS['change'].burst - 1}@example.org"]
    assert press(device, done, "address").status == 200, "it is still shown"


def test_the_panels_page_has_no_more_changes_than_the_proof(house):
    device = house.device(script=True)
    panel = reach_panel(device)
    lines = []
    for number in range(LIMITS["change"].burst + 5):
        send(device, panel, {"panel": f"new{number}@example.org"})
        reopen(house)
        lines.append(len(house.settings.erasures.read_text().splitlines()) if number else 0)

    assert lines[-1] - lines[1] == 2 * (LIMITS["change"].burst - 1)


def test_taking_back_fails_when_the_list_cannot_be_written(house, tmp_path, monkeypatch):
    device = house.device()
    shown = press(device, send(device, reach_panel(device), SIGNED), "address")
    monkeypatch.setattr(house.site.participation, "erasures", tmp_path)  # a folder

    assert press(device, shown, "address", panel="").status == 503
    assert list_waiting(house) == ["Me@example.org"]


def test_an_address_that_has_joined_is_not_changed_any_more(house):
    device = house.device()
    done = send(device, reach_panel(device), SIGNED)
    shown = press(device, done, "address")
    house.site.participation.panels.hand_over("short/panel")
    late = press(device, shown, "address", panel="new@example.org")

    assert "every message from the panel says how to leave it" in late.text
    assert list_waiting(house) == [] and list_members(house.site.identity) == [("short/panel", "me@example.org")]


def test_the_panels_page_and_a_completion_on_it_have_no_exact_time(house):
    device = house.device()
    send(device, reach_panel(device), SIGNED)
    rows = house.rows("SELECT saved_at FROM page WHERE page = 'panel' UNION ALL SELECT completed_at FROM response")

    assert len(rows) == 2
    assert {str(moment)[11:19] for (moment,) in rows} == {"00:00:00"}


def test_a_ticket_of_another_page_opens_nothing_at_the_end(house):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    ticket = panel.drawn.read_hidden("ticket") or ""

    for what in ("key", "address"):
        assert device.post_plainly(f"/done/short/{what}", [("ticket", ticket)]).status == 400


def test_the_private_key_is_shown_on_demand_and_is_the_same_each_time(house):
    device = house.device()
    done = send(device, reach_panel(device))
    keys = [re.search(r'class="key">([^<]+)<', press(device, done, "key").text).group(1) for _ in range(2)]

    assert keys[0] == keys[1] and re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", keys[0])
    assert keys[0] != done.drawn.receipt and keys[0] not in done.text
    assert not any(keys[0] in str(row) for row in house.rows("SELECT * FROM response"))


def test_a_background_save_of_an_emptied_field_removes_the_address(house):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)
    assert list_waiting(house) == ["Me@example.org"]

    assert send(device, device.get(panel.path), {"panel": ""}, wish="keep").status == 204
    assert list_waiting(house) == []


def test_the_same_address_again_needs_no_list(house, tmp_path, monkeypatch):
    device = house.device()
    panel = reach_panel(device)
    send(device, panel, SIGNED)
    reopen(house)
    again = device.get(panel.path)
    monkeypatch.setattr(house.site.participation, "erasures", tmp_path)  # a folder

    assert send(device, again, SIGNED).drawn.receipt
    assert list_waiting(house) == ["Me@example.org"]
