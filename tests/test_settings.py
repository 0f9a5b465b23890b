"""Settings are read once from the environment; invalid ones are refused with a remedy."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest

from survey_engine.settings import (
    KEPT_KINDS,
    NUMBERS,
    ROOT,
    Settings,
    SettingsError,
    locate_stores,
    read_folders,
    read_group_sizes,
    read_settings,
)
from survey_engine.storage.database import Database
from survey_engine.storage.sqlite_files import find_file
from tests.web.conftest import House, send, start, write_short

KEY = "k" * 32


def test_without_settings_all_files_are_in_the_data_folder(tmp_path):
    settings = read_settings({}, tmp_path / "data")

    assert settings.database_url == f"sqlite:///{tmp_path}/data/answers.db"
    assert settings.identity_url == f"sqlite:///{tmp_path}/data/identity.db"
    assert settings.questionnaires == ROOT / "questionnaires"
    assert not settings.secure_cookies


@pytest.mark.parametrize("name", ["a b", "a%20b", "100%", "a#b", "a?b", "a?mode=memory", "a%3Fb", "é&=+"])
def test_the_path_of_the_data_folder_may_have_any_character(tmp_path, name):
    (tmp_path / name).mkdir()
    for store, url in locate_stores({"SURVEY_DATA": str(tmp_path / name)}).items():
        with closing(Database(url, store)) as database:
            database.migrate()
            assert find_file(url) == tmp_path / name / f"{store}.db"
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert {"answers.db", "identity.db"} <= {each.name for each in (tmp_path / name).iterdir()}


OTHERWISE = {
    "base_url": "https://survey.example.org",
    "timezone": "America/Kralendijk",
    "proxies": "10.0.0.5",
    "otlp_endpoint": "http://127.0.0.1:4318",
    "data": "elsewhere",
    "keep_days": "contacts=90",
    "lms_development": "http://127.0.0.1:8001",
    "index": "1",
}
"""Setting → a valid value, for settings that accept neither any number nor any text."""


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings) if field.name != "secure_cookies"])
def test_every_setting_can_be_set_in_the_environment(tmp_path, monkeypatch, setting):
    """Secure cookies follow from the address."""
    monkeypatch.chdir(tmp_path)
    usual = read_settings({}, tmp_path)
    number = isinstance(getattr(usual, setting), int)
    value = OTHERWISE.get(setting, "77" if number else "another value of more than 32 characters")
    folder = None if setting == "data" else tmp_path
    assert getattr(read_settings({f"SURVEY_{setting.upper()}": value}, folder), setting) != getattr(usual, setting)


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings) if field.name != "secure_cookies"])
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_setting_is_not_set(tmp_path, monkeypatch, setting, empty):
    monkeypatch.chdir(tmp_path)
    environment = {f"SURVEY_{setting.upper()}": empty}
    assert read_settings(environment) == read_settings({})
    assert read_folders(environment) == read_folders({})
    assert locate_stores(environment) == locate_stores({})


def test_a_folder_is_no_list_of_erasures(tmp_path):
    with pytest.raises(SettingsError, match=r"SURVEY_ERASURES is .*, a folder"):
        read_settings({"SURVEY_ERASURES": str(tmp_path)}, tmp_path)


def test_the_data_folder_may_be_named_in_the_environment(tmp_path):
    assert read_settings({"SURVEY_DATA": str(tmp_path / "x")}).database_url.endswith("/x/answers.db")


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path):
    first, second = read_settings({}, tmp_path), read_settings({}, tmp_path)

    assert first == second
    assert len({*first.secret_keys, first.pseudonym_key, *first.contact_keys}) == 3
    for name in ("secret.key", "pseudonym.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert len((tmp_path / name).read_text()) == 64


def test_processes_that_start_together_get_the_same_keys(tmp_path):
    for attempt in range(20):
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _, folder=tmp_path / str(attempt): read_settings({}, folder).pseudonym_key, range(8)))
        assert len(found) == 1 and len(found.pop()) == 64


def test_a_key_that_was_emptied_is_made_again(tmp_path):
    (tmp_path / "pseudonym.key").write_text("")
    assert len(read_settings({}, tmp_path).pseudonym_key) == 64


def test_a_given_key_is_used_and_none_is_made(tmp_path):
    given = {"SURVEY_SECRET_KEYS": f"{KEY}1, {KEY}2", "SURVEY_PSEUDONYM_KEY": KEY, "SURVEY_CONTACT_KEYS": f"{KEY}3,{KEY}4"}
    settings = read_settings(given, tmp_path)

    assert settings.secret_keys == (f"{KEY}1", f"{KEY}2")
    assert settings.pseudonym_key == KEY
    assert settings.contact_keys == (f"{KEY}3", f"{KEY}4")
    assert list(tmp_path.glob("*.key")) == []


@pytest.mark.parametrize(("address", "secure"), [("https://survey.example.org/", True), ("http://127.0.0.1:8080", False)])
def test_cookies_are_for_encrypted_connections_only_where_the_address_is(tmp_path, address, secure):
    settings = read_settings({"SURVEY_BASE_URL": address}, tmp_path)

    assert settings.secure_cookies is secure
    assert settings.base_url == address.rstrip("/")


def test_a_replica_is_read_where_there_is_one(tmp_path):
    alone, followed = read_settings({}, tmp_path), read_settings({"SURVEY_REPLICA_URL": "postgresql://replica"}, tmp_path)

    assert alone.reading_url == alone.database_url
    assert followed.reading_url == "postgresql://replica"


@pytest.mark.parametrize(
    ("environment", "remedy"),
    [
        ({"SURVEY_SECRET_KEYS": "short"}, "openssl rand -hex 32"),
        ({"SURVEY_SECRET_KEYS": f"{KEY},short"}, "openssl rand -hex 32"),
        ({"SURVEY_PSEUDONYM_KEY": "short"}, "openssl rand -hex 32"),
        ({"SURVEY_CONTACT_KEYS": f"{KEY},short"}, "openssl rand -hex 32"),
        ({"SURVEY_RESUME_DAYS": "two weeks"}, "Set it to a whole number"),
        ({"SURVEY_ABANDONED_HOURS": "-1"}, "Set it to a whole number"),
        ({"SURVEY_TIMEZONE": "Amsterdam"}, "Name a time zone such as Europe/Amsterdam"),
        ({"SURVEY_PROXIES": "proxy"}, "Set it to addresses or networks"),
        ({"SURVEY_BASE_URL": "survey.example.org"}, "begins with http:// or https://"),
        ({"SURVEY_BASE_URL": "http://127.0.0.1:70000"}, "from 1 to 65535"),
        ({"SURVEY_LMS_DEVELOPMENT": "http://127.0.0.1:0"}, "from 1 to 65535"),
        ({"SURVEY_DATABASE_URL": "sqlite:////a.db", "SURVEY_IDENTITY_URL": "sqlite:////a.db"}, "a database of its own"),
    ],
)
def test_an_invalid_setting_is_refused_with_the_remedy(tmp_path: Path, environment, remedy):
    with pytest.raises(SettingsError, match=remedy) as refused:
        read_settings(environment, tmp_path)
    assert next(iter(environment)) in str(refused.value) or "SURVEY_IDENTITY_URL" in str(refused.value)


def test_no_message_contains_a_key(tmp_path):
    with pytest.raises(SettingsError) as refused:
        read_settings({"SURVEY_SECRET_KEYS": "hunter2"}, tmp_path)
    assert "hunter2" not in str(refused.value)


def test_sizes_of_groups_are_read_without_an_installation():
    sizes = read_group_sizes({"SURVEY_LEAST_GROUP": "10", "SURVEY_LEAST_PUBLIC": ""})
    assert (sizes.find_least(), sizes.find_least(public=True), sizes.find_least(sensitive=True)) == (10, 20, 20)


def test_groups_of_nobody_are_refused():
    with pytest.raises(SettingsError, match="SURVEY_LEAST_GROUP is '0'"):
        read_group_sizes({"SURVEY_LEAST_GROUP": "0"})


def set_number(setting: str, number: int | str) -> dict[str, str]:
    value = ",".join(f"{kind}={number}" for kind in KEPT_KINDS) if setting == "keep_days" else str(number)
    return {f"SURVEY_{setting.upper()}": value}


def test_every_setting_of_numbers_has_bounds(tmp_path):
    usual = read_settings({}, tmp_path)
    numbers = {field.name for field in fields(Settings) if isinstance(getattr(usual, field.name), int)}
    assert NUMBERS.keys() == (numbers - {"secure_cookies"}) | {"keep_days"}
    assert all(least <= getattr(usual, name) <= largest for name, (least, largest) in NUMBERS.items() if name in numbers)


@pytest.mark.parametrize("setting", NUMBERS)
def test_numbers_outside_their_bounds_are_refused(tmp_path, setting):
    least, largest = NUMBERS[setting]
    for number in (-1, least - 1, largest + 1, 99_999_999_999, "9" * 5000):
        with pytest.raises(SettingsError, match=f"SURVEY_{setting.upper()} .*Set it to"):
            read_settings(set_number(setting, number), tmp_path)


@pytest.mark.parametrize(("setting", "number"), [(name, bound) for name, bounds in NUMBERS.items() for bound in bounds])
def test_with_each_bound_a_respondent_answers_and_returns(tmp_path, setting, number):
    write_short(tmp_path / "q", "short", "closes: 2999-12-31")
    with closing(House(tmp_path, **set_number(setting, number))) as house:
        for path in ("/q/short/demo", house.invite(level=2)):
            device = house.device()
            second = send(device, start(device, path), {"has_job": "yes"})
            assert [house.page(reply) for reply in (second, device.get(second.path))] == ["hours", "hours"]
        assert house.page(start(house.device(), path)) == "hours"
