"""One worker at a time has a job; another takes it when the lease expires."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from survey_engine.storage.database import Database
from survey_engine.storage.jobs import (
    Job,
    add_job,
    count_jobs,
    fail_job,
    finish_job,
    make_due,
    postpone_job,
    renew_lease,
    take_job,
)

NOW = 1_800_000_000.0


def take(identity: Database, now: float = NOW, kinds: tuple[str, ...] = ("mail",)) -> Job | None:
    return take_job(identity, kinds, now=now, lease_seconds=60)


def test_a_job_is_taken_when_it_is_due_and_its_kind_is_known(identity: Database) -> None:
    add_job(identity, "mail", {"seat": 7}, NOW + 10)
    assert take(identity) is None
    assert take(identity, NOW + 10, kinds=("import",)) is None
    job = take(identity, NOW + 10)
    assert job and (job.kind, job.payload, job.attempts) == ("mail", {"seat": 7}, 1)


def test_the_job_that_is_due_longest_comes_first(identity: Database) -> None:
    for delay in (3, 1, 2):
        add_job(identity, "mail", {"delay": delay}, NOW + delay)
    assert [job.payload["delay"] for _ in range(3) if (job := take(identity, NOW + 5))] == [1, 2, 3]


def test_a_job_that_is_held_is_taken_by_nobody_else_until_its_lease_ends(identity: Database) -> None:
    add_job(identity, "mail", {}, NOW)
    first = take(identity)
    assert first and take(identity, NOW + 59) is None
    second = take(identity, NOW + 60)
    assert second and second.id == first.id and second.attempts == 2


def test_a_worker_that_lost_its_lease_changes_nothing(identity: Database) -> None:
    add_job(identity, "mail", {}, NOW)
    lost, held = take(identity), take(identity, NOW + 60)
    assert lost and held
    assert not renew_lease(identity, lost, NOW + 500)
    assert not postpone_job(identity, lost, NOW + 500, attempts=0)
    assert not fail_job(identity, lost, "Error")
    assert not finish_job(identity, lost)
    assert finish_job(identity, held)
    assert count_jobs(identity) == {}


def test_a_renewed_lease_lasts_longer(identity: Database) -> None:
    add_job(identity, "mail", {}, NOW)
    job = take(identity)
    assert job and renew_lease(identity, job, NOW + 500)
    assert take(identity, NOW + 499) is None
    assert take(identity, NOW + 500)


def test_a_postponed_job_is_due_at_its_new_time(identity: Database) -> None:
    add_job(identity, "mail", {}, NOW)
    job = take(identity)
    assert job and postpone_job(identity, job, NOW + 30, attempts=5)
    assert take(identity, NOW + 29) is None
    again = take(identity, NOW + 30)
    assert again and again.attempts == 6


def test_a_failed_job_is_kept_and_never_taken_again(identity: Database) -> None:
    add_job(identity, "mail", {}, NOW)
    job = take(identity)
    assert job and fail_job(identity, job, "MailError")
    assert take(identity, NOW + 10_000) is None
    assert count_jobs(identity) == {("mail", "MailError"): 1}


def test_a_job_with_a_name_is_there_once(identity: Database) -> None:
    assert add_job(identity, "mail", {"number": 1}, NOW, once="a")
    assert not add_job(identity, "mail", {"number": 2}, NOW, once="a")
    assert add_job(identity, "mail", {}, NOW + 1, once="b")
    job = take(identity)
    assert job and job.payload == {"number": 1} and finish_job(identity, job)
    assert add_job(identity, "mail", {}, NOW, once="a"), "the name is free when the job is done"


def test_jobs_are_made_due_at_once_unless_a_worker_holds_them(identity: Database) -> None:
    for name in ("a", "b"):
        add_job(identity, "mail", {"name": name}, NOW + 100 * (name == "b"), once=name)
    held = take(identity)
    make_due(identity, ["a", "b"], now=NOW)
    job = take(identity)
    assert held and job and (held.payload["name"], job.payload["name"]) == ("a", "b")
    assert take(identity) is None


def test_workers_at_the_same_moment_never_take_the_same_job(identity: Database) -> None:
    for number in range(60):
        add_job(identity, "mail", {"number": number}, NOW)

    def drain() -> list[int]:
        found = []
        while job := take(identity):
            found.append(job.payload["number"])
            finish_job(identity, job)
        return found

    with ThreadPoolExecutor(6) as pool:
        taken = [number for found in pool.map(lambda _: drain(), range(6)) for number in found]
    assert sorted(taken) == list(range(60))
