"""Statements on learning environments, on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from survey_engine.storage.database import Database
from survey_engine.storage.lms import (
    Deployment,
    Registration,
    add_invitation,
    add_keys,
    approve_registration,
    find_deployment,
    find_registration,
    find_registrations,
    forget_used,
    list_reports,
    list_signing_keys,
    put_deployment,
    put_registration,
    put_report,
    remove_registration,
    renew_sealed,
    use_invitation,
    use_nonce,
)

ADDRESSES = "https://x/auth", "https://x/keys", "https://x/token"
DAY = 86_400


def test_clients_of_an_issuer_are_found_by_their_ids(identity: Database) -> None:
    first = put_registration(identity, Registration(0, "https://x", "a", *ADDRESSES))
    put_registration(identity, Registration(0, "https://x", "b", *ADDRESSES))
    assert len(find_registrations(identity, "https://x")) == 2
    assert [one.id for one in find_registrations(identity, "https://x", "a")] == [first]
    found = find_registration(identity, first)
    assert found and not found.approved and approve_registration(identity, first)
    again = put_registration(identity, Registration(0, "https://x", "a", "https://y/auth", *ADDRESSES[1:]))
    changed = find_registration(identity, first)
    assert again == first and changed and changed.approved and changed.auth_url == "https://y/auth"


def test_a_removed_client_has_no_deployments(identity: Database) -> None:
    number = put_registration(identity, Registration(0, "https://x", "a", *ADDRESSES))
    put_deployment(identity, Deployment(number, "1", "demo", True))
    put_deployment(identity, Deployment(number, "1", "other"))
    assert find_deployment(identity, number, "1") == Deployment(number, "1", "other", False)
    remove_registration(identity, number)
    assert find_deployment(identity, number, "1") is None and find_registration(identity, number) is None


def test_of_simultaneous_uses_of_a_nonce_one_succeeds(identity: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        used = list(threads.map(lambda _: use_nonce(identity, "n" * 64, 10), range(8)))
    assert sorted(used) == [False] * 7 + [True]
    forget_used(identity, 11 * DAY)
    assert not use_nonce(identity, "n" * 64, 11), "kept for a whole day"
    forget_used(identity, 12 * DAY)
    assert use_nonce(identity, "n" * 64, 12)


def test_an_invitation_is_used_once_and_expires(identity: Database) -> None:
    add_invitation(identity, "a", "demo", 100.0)
    add_invitation(identity, "b", "demo", 100.0)
    assert use_invitation(identity, "a", 99.0) == "demo" and use_invitation(identity, "a", 99.0) is None
    assert use_invitation(identity, "b", 101.0) is None


def test_keys_have_generations_and_sealed_texts_are_renewed(identity: Database) -> None:
    assert [number for number, _ in add_keys(identity, lambda: "old", more=0, fewest=2, most=3)] == [1, 2]
    assert [number for number, _ in add_keys(identity, lambda: "old", more=2, fewest=2, most=3)] == [2, 3, 4]
    put_report(identity, "r", "replaced")
    put_report(identity, "r", "old")
    renew_sealed(identity, lambda text: text.replace("old", "new"))
    assert {sealed for _, sealed in list_signing_keys(identity)} == {"new"} and list_reports(identity) == [("r", "new")]
