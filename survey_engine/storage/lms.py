"""Statements on learning environments: registrations, deployments, keys, used nonces, invitations, seats, reports of completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from survey_engine.storage.database import Database, make_id
from survey_engine.storage.leftovers import note_erasure

MATCH_BY_NUMBER, SOURCED_ID, EMAIL = ROSTER_MATCHES = "number", "sourcedid", "email"
_ALL = "SELECT id, issuer, client_id, auth_url, keys_url, token_url, audience, approved FROM lms_registration"
_LIST = text(f"{_ALL} ORDER BY issuer, client_id")
_BY_ISSUER = f"{_ALL} WHERE issuer = :issuer"
_BY_CLIENT = f"{_BY_ISSUER} AND client_id = :client_id"
_BY_NUMBER = f"{_ALL} WHERE id = :id"
_PUT = text(
    "INSERT INTO lms_registration (id, issuer, client_id, auth_url, keys_url, token_url, audience, approved)"
    " VALUES (:id, :issuer, :client_id, :auth_url, :keys_url, :token_url, :audience, :approved)"
    " ON CONFLICT (issuer, client_id) DO UPDATE SET auth_url = :auth_url, keys_url = :keys_url, token_url = :token_url,"
    " audience = :audience RETURNING id"
)
_APPROVE = text("UPDATE lms_registration SET approved = :approved WHERE id = :id")
_REMOVE = text("DELETE FROM lms_registration WHERE id = :id")
_DEPLOYMENT = "SELECT registration, deployment, institution, reports, roster_match FROM lms_deployment"
_DEPLOYMENTS = text(f"{_DEPLOYMENT} ORDER BY registration, deployment")
_FIND_DEPLOYMENT = f"{_DEPLOYMENT} WHERE registration = :registration AND deployment = :deployment"
_PUT_DEPLOYMENT = text(
    "INSERT INTO lms_deployment (registration, deployment, institution, reports, roster_match)"
    " VALUES (:registration, :deployment, :institution, :reports, :roster_match)"
    " ON CONFLICT (registration, deployment) DO UPDATE SET institution = :institution, reports = :reports, roster_match = :roster_match"
)
_REMOVE_DEPLOYMENTS = text("DELETE FROM lms_deployment WHERE registration = :id")
_KEYS = text("SELECT generation, sealed FROM lms_key ORDER BY generation")
_ADD_KEY = text("INSERT INTO lms_key (generation, sealed) VALUES (:generation, :sealed)")
_REMOVE_KEYS = text("DELETE FROM lms_key WHERE generation < :generation")
_SET_KEY = text("UPDATE lms_key SET sealed = :sealed WHERE generation = :generation")
_USE_NONCE = "INSERT INTO lms_nonce (nonce, day) VALUES (:nonce, :day) ON CONFLICT (nonce) DO NOTHING"
_FORGET_NONCES = text("DELETE FROM lms_nonce WHERE day < :day")
_INVITE = text(
    "INSERT INTO lms_invitation (secret_hash, institution, expires_at) VALUES (:secret_hash, :institution, :expires_at)"
)
_USE_INVITATION = text("DELETE FROM lms_invitation WHERE secret_hash = :secret_hash RETURNING institution, expires_at")
_FORGET_INVITATIONS = text("DELETE FROM lms_invitation WHERE expires_at < :now")
_BIND_SEAT = (
    "INSERT INTO lms_seat (name, questionnaire, person) VALUES (:name, :questionnaire, :person) ON CONFLICT (name) DO NOTHING"
)
_HOLDER = "SELECT person FROM lms_seat WHERE name = :name"
_RELEASE_SEAT = text("DELETE FROM lms_seat WHERE name = :name")
_PUT_REPORT = "INSERT INTO lms_report (name, sealed) VALUES (:name, :sealed) ON CONFLICT (name) DO UPDATE SET sealed = :sealed"
_REPORTS = text("SELECT name, sealed FROM lms_report ORDER BY name")
_REMOVE_REPORT = text("DELETE FROM lms_report WHERE name = :name AND sealed = :sealed")
_REMOVE_REPORTS = text("DELETE FROM lms_report WHERE name >= :first AND name < :last")
_WITHDRAW_APPROVALS = text("UPDATE lms_registration SET approved = :approved WHERE approved")
_FORGET_ALL_INVITATIONS = text("DELETE FROM lms_invitation")
_SET_REPORT = text("UPDATE lms_report SET sealed = :renewed WHERE name = :name AND sealed = :sealed")


class Registration(NamedTuple):
    """One client of a learning environment."""

    id: int
    issuer: str
    client_id: str
    auth_url: str
    keys_url: str
    token_url: str = ""
    audience: str = ""
    approved: bool = False


class Deployment(NamedTuple):
    """One deployment of a client."""

    registration: int
    deployment: str
    institution: str
    reports: bool = False
    """Whether completions are reported to the environment."""
    roster_match: str = ""
    """The value of a launch by which a seat is searched on the roster: one of `ROSTER_MATCHES`; empty for no search."""


def _build_deployment(row: Sequence[Any]) -> Deployment:
    return Deployment(row[0], row[1], row[2], bool(row[3]), row[4])


def list_registrations(identity: Database) -> list[Registration]:
    with identity.read() as connection:
        return [_build(row) for row in connection.execute(_LIST)]


def find_registrations(identity: Database, issuer: str, client_id: str = "") -> list[Registration]:
    """List the clients of an issuer; only the client `client_id`, if given."""
    statement, values = (
        (_BY_CLIENT, {"issuer": issuer, "client_id": client_id}) if client_id else (_BY_ISSUER, {"issuer": issuer})
    )
    return [_build(row) for row in identity.fetch(statement, values)]


def find_registration(identity: Database, id: int) -> Registration | None:
    rows = identity.fetch(_BY_NUMBER, {"id": id})
    return _build(rows[0]) if rows else None


def _build(row: Iterable[Any]) -> Registration:
    found = Registration(*row)
    return found._replace(approved=bool(found.approved))


def put_registration(identity: Database, registration: Registration) -> int:
    """Add a client, or change the addresses of a client; return its number."""
    with identity.write() as connection:
        return int(connection.execute(_PUT, registration._asdict() | {"id": make_id()}).scalar_one())


def approve_registration(identity: Database, id: int, *, approved: bool = True) -> bool:
    """Allow or forbid launches of a client; return False if there is no such client."""
    with identity.write() as connection:
        return connection.execute(_APPROVE, {"id": id, "approved": approved}).rowcount == 1


def remove_registration(identity: Database, id: int) -> None:
    with identity.write() as connection:
        connection.execute(_REMOVE_DEPLOYMENTS, {"id": id})
        connection.execute(_REMOVE, {"id": id})


def list_deployments(identity: Database) -> list[Deployment]:
    with identity.read() as connection:
        return [_build_deployment(row) for row in connection.execute(_DEPLOYMENTS)]


def find_deployment(identity: Database, registration: int, deployment: str) -> Deployment | None:
    rows = identity.fetch(_FIND_DEPLOYMENT, {"registration": registration, "deployment": deployment})
    return next(map(_build_deployment, rows), None)


def put_deployment(identity: Database, deployment: Deployment) -> None:
    """Add a deployment, or change it."""
    with identity.write() as connection:
        connection.execute(_PUT_DEPLOYMENT, deployment._asdict())


def list_signing_keys(identity: Database) -> list[tuple[int, str]]:
    """List (generation, encrypted private key), the oldest first."""
    with identity.read() as connection:
        return [(row[0], row[1]) for row in connection.execute(_KEYS)]


def add_keys(identity: Database, make: Callable[[], str], *, more: int, fewest: int, most: int) -> list[tuple[int, str]]:
    """Add keys, and remove the oldest keys if there are more than `most`; return all.

    Args:
        make: returns an encrypted private key.
        more: number of keys to add; more are added if there would be less than `fewest` keys.
    """
    with identity.write() as connection:
        keys = [(row[0], row[1]) for row in connection.execute(_KEYS)]
        for _ in range(max(more, fewest - len(keys))):
            keys.append((keys[-1][0] + 1 if keys else 1, make()))
            connection.execute(_ADD_KEY, {"generation": keys[-1][0], "sealed": keys[-1][1]})
        keys = keys[-most:]
        connection.execute(_REMOVE_KEYS, {"generation": keys[0][0]})
    return keys


def use_nonce(identity: Database, nonce: str, day: int) -> bool:
    """Mark a nonce as used; return whether it was unused before."""
    return identity.change(_USE_NONCE, {"nonce": nonce, "day": day}) == 1


def forget_used(identity: Database, now: float) -> None:
    """Delete nonces from before yesterday, whose launches have expired, and expired invitations."""
    with identity.write() as connection:
        connection.execute(_FORGET_NONCES, {"day": int(now // 86_400) - 1})
        connection.execute(_FORGET_INVITATIONS, {"now": now})


def add_invitation(identity: Database, secret_hash: str, institution: str, expires_at: float) -> None:
    with identity.write() as connection:
        connection.execute(_INVITE, {"secret_hash": secret_hash, "institution": institution, "expires_at": expires_at})


def use_invitation(identity: Database, secret_hash: str, now: float) -> str | None:
    """Delete an invitation; return its institution, or None if the invitation is unknown, used or expired."""
    with identity.write() as connection:
        row = connection.execute(_USE_INVITATION, {"secret_hash": secret_hash}).first()
    return row[0] if row and row[1] > now else None


def bind_seat(identity: Database, name: str, questionnaire: str, person: str) -> bool:
    """Bind a seat to the first person who launches it; return whether this is that person.

    Args:
        name: the seat's name from `name_launched_seat`.
        person: the hash from `hash_launched_person`.
    """
    if not find_seat_holder(identity, name):
        identity.change(_BIND_SEAT, {"name": name, "questionnaire": questionnaire, "person": person})
    return find_seat_holder(identity, name) == person


def find_seat_holder(identity: Database, name: str) -> str:
    """Return the hash of the person to whom a seat is bound; empty if nobody has launched it."""
    rows = identity.fetch(_HOLDER, {"name": name})
    return rows[0][0] if rows else ""


def unbind_seats(connection: Connection, names: Iterable[str]) -> int:
    """Unbind seats from their persons; return the number of unbound seats."""
    rows = [{"name": name} for name in names]
    return connection.execute(_RELEASE_SEAT, rows).rowcount if rows else 0


def put_report(identity: Database, name: str, sealed: str) -> None:
    """Store a person whose completion is to be reported. It replaces an earlier row with this name."""
    identity.change(_PUT_REPORT, {"name": name, "sealed": sealed})


def list_reports(identity: Database) -> list[tuple[str, str]]:
    """Return (name, encrypted text) of each waiting report."""
    with identity.read() as connection:
        return [(row[0], row[1]) for row in connection.execute(_REPORTS)]


def change_report(identity: Database, name: str, sealed: str, renewed: str) -> None:
    """Replace the encrypted text of a report, unless the report was removed or replaced meanwhile."""
    with identity.write() as connection:
        connection.execute(_SET_REPORT, {"name": name, "sealed": sealed, "renewed": renewed})


def remove_report(identity: Database, name: str, sealed: str) -> None:
    """Remove a report, unless it was replaced meanwhile."""
    with identity.write() as connection:
        connection.execute(_REMOVE_REPORT, {"name": name, "sealed": sealed})


def remove_reports(connection: Connection, names: Iterable[str]) -> None:
    """Remove the reports whose names begin with one of these names. Names are hexadecimal, so all of these sort before `name + "g"`."""
    rows = [{"first": name, "last": f"{name}g"} for name in names]
    if rows and connection.execute(_REMOVE_REPORTS, rows).rowcount:
        note_erasure(connection)


def withdraw_approvals(identity: Database) -> int:
    """Withdraw the approval of all registrations and delete all invitations; return the number of registrations that were approved."""
    with identity.write() as connection:
        connection.execute(_FORGET_ALL_INVITATIONS)
        return connection.execute(_WITHDRAW_APPROVALS, {"approved": False}).rowcount


def renew_sealed(identity: Database, renew: Callable[[str], str]) -> None:
    """Replace the encrypted texts of keys and reports by `renew(text)`."""
    with identity.write() as connection:
        for generation, sealed in connection.execute(_KEYS).all():
            connection.execute(_SET_KEY, {"generation": generation, "sealed": renew(sealed)})
        for name, sealed in connection.execute(_REPORTS).all():
            connection.execute(_SET_REPORT, {"name": name, "sealed": sealed, "renewed": renew(sealed)})
