"""A worker that is killed in the middle of mails about lost links sends none twice.

`python -m tests.operations.test_lost_link_mails 1000 20` runs the full form: mails, kills.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import click
import pytest

from survey_engine.fieldwork.lost_links import KIND, ask_link
from survey_engine.storage.jobs import count_jobs
from tests.faults.serve import make_command
from tests.mailbox import open_mailbox
from tests.waiting import wait_until
from tests.web.respondent.test_lost_links import Town


def mail_with_kills(folder: Path, mails: int, kills: int) -> tuple[Counter[str], int]:
    """Ask for links, and kill workers while they send; return the mails by address, and the claims without a mail."""
    with open_mailbox(folder, tls=False) as mailbox:
        town, random = Town(folder, mailbox), Random(7)
        for number in range(mails):
            town.enrol(f"p{number}@example.org")
            ask_link(town.site.identity, town.key, f"p{number}@example.org")
        environment = {**os.environ, "SURVEY_DATA": str(folder / "data"), "SURVEY_QUESTIONNAIRES": str(folder / "q")}
        environment |= {"SURVEY_SMTP_URL": mailbox.url, "SURVEY_MAIL_FROM": "NSE <nse@example.org>"}
        for killed in range(kills + 1):
            process, before = make_command(["work"], environment, folder / "log"), len(mailbox.received)
            process.start()
            try:
                if killed < kills:
                    wait_until(lambda before=before: len(mailbox.received) > before, 60)
                    time.sleep(random.uniform(0, 0.1))
                else:
                    expire_leases(town)
                    wait_until(lambda: (KIND, "") not in count_jobs(town.site.identity), 300)
            finally:
                process.kill()
                process.join()
        claims = len(town.house.rows("SELECT * FROM mailed_address", store="identity"))
        sent = Counter(str(mail["To"]) for mail in mailbox.received)
        town.house.close()
    return sent, claims - len(sent)


def expire_leases(town: Town) -> None:
    """Let the next worker take the jobs of killed ones at once."""
    with town.site.identity.write() as connection:
        connection.exec_driver_sql("UPDATE job SET leased_until = 0 WHERE leased_until IS NOT NULL")


@pytest.mark.slow
def test_no_kill_of_a_worker_sends_a_mail_twice(tmp_path: Path) -> None:
    sent, unknown = mail_with_kills(tmp_path, mails=40, kills=3)
    assert max(sent.values()) == 1 and len(sent) + unknown == 40 and unknown <= 3


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found, lost = mail_with_kills(Path(folder), *map(int, sys.argv[1:]))
        click.echo(
            f"{found.total()} mails to {len(found)} addresses, {lost} claimed without a mail, at most {max(found.values())} each"
        )
