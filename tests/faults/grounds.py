"""The environment of a scenario: two stores, keys, seats, and servers that use them and can be killed."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from survey_engine.fieldwork.contact_keys import ContactKeys
from survey_engine.fieldwork.invitations.links import find_by_link, give_links
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.databases import PostgresServer, find_port, list_family, prepare_store, wait_gone
from tests.faults.careless import CarelessDatabase
from tests.faults.serve import call_command, make_server

HERE = Path(__file__).parent
CODE = "fieldwork"
START_SECONDS = 60


class Ground:
    """Two empty stores, on SQLite in a folder or on a PostgreSQL server, and the settings with their addresses."""

    def __init__(self, server: PostgresServer | None = None, disk: Path | None = None) -> None:
        """Args: disk: the folder of SQLite's files, if it is not the common one."""
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.server, self.disk = server, disk or self.folder
        self.database_url, self.identity_url = self._make_url("answers"), self._make_url("identity")
        self.pseudonym_key, self.secret_key, self.contact_key = (secrets.token_hex(32) for _ in range(3))
        self.questionnaires = HERE / "questionnaires"
        self._apps: list[App] = []
        self._tokens: list[str] = []

    def _make_url(self, store: str) -> str:
        if self.server:
            return self.server.url(self.server.create_database())
        prepare_store(url := f"sqlite:///{self.disk / store}.db", store)
        return url

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(HERE.parents[1]),
            "SURVEY_DATA": str(self.folder),
            "SURVEY_DATABASE_URL": self.database_url,
            "SURVEY_IDENTITY_URL": self.identity_url,
            "SURVEY_PSEUDONYM_KEY": self.pseudonym_key,
            "SURVEY_SECRET_KEYS": self.secret_key,
            "SURVEY_CONTACT_KEYS": self.contact_key,
            "SURVEY_QUESTIONNAIRES": str(self.questionnaires),
        }

    def open(self, store: str = "answers") -> Database:
        """Open a store for the harness itself, also on a server that the engine would reject."""
        database = CarelessDatabase(self.database_url if store == "answers" else self.identity_url, store)
        database.migrate()
        return database

    def compile(self) -> Questionnaire:
        return compile_questionnaire(self.questionnaires / CODE)

    def seat(self, number: int) -> dict[str, str]:
        """Make `number` personal links; return token → pseudonym of the response."""
        self.open().close()  # the engine does not start if only one of its two stores exists
        with contextlib.closing(self.open("identity")) as identity:
            keys = ContactKeys([self.contact_key])
            tokens = give_links(identity, keys, [Seat(CODE, "school", {"level": 1 + n % 4}) for n in range(number)])
            self._tokens += tokens
            seats = [find_by_link(identity, token) for token in tokens]
        return {
            token: make_pseudonym(self.pseudonym_key, CODE, seat.id) for token, seat in zip(tokens, seats, strict=True) if seat
        }

    def start(self, **how: object) -> App:
        app = App(self, **how)  # type: ignore[arg-type]
        self._apps.append(app)
        return app.start()

    def clear(self) -> None:
        for app in self._apps:
            app.kill_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Ground:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        leaks = self.find_leaks()
        self.clear()
        if leaks and not failure:
            raise AssertionError(f"A log has what must not be in it: {leaks[:3]}")

    def find_leaks(self) -> list[str]:
        """Return the links, keys and addresses of visitors that the logs of servers and proxy contain."""
        logs = {path.name: path.read_text() for kind in ("app-*", "proxy") for path in self.folder.glob(f"{kind}.log")}
        keys = [self.pseudonym_key, *self.secret_key.split(","), self.contact_key]
        found = [secret for secret in (*self._tokens, *keys, "/l/", "/a/") if any(secret in log for log in logs.values())]
        # The log of the proxy names the servers.
        visited = [name for name, log in logs.items() if "127.0.0.1" in log and name != "proxy.log"]
        return [*found, *visited]


class App:
    """One server with its worker processes, and methods that make it fail."""

    def __init__(
        self, ground: Ground, *, workers: int = 2, variant: str = "careful", clock: float = 0, tracer: tuple[str, ...] = ()
    ) -> None:
        self.ground, self.port = ground, find_port()
        self.number = workers
        self.arguments = [str(self.port), "--workers", str(workers), "--variant", variant, "--clock", str(clock)]
        self.tracer, self.log = tracer, ground.folder / f"app-{self.port}.log"
        self.process: BaseProcess | None = None
        self.traced: subprocess.Popen[bytes] | None = None

    def start(self) -> App:
        """Start the server and wait until every worker serves: a worker that starts without a database ends the whole server."""
        before = self.count_starts()
        if self.tracer:
            command = [*self.tracer, sys.executable, "-m", "tests.faults.serve", *self.arguments]
            with self.log.open("ab") as log:
                self.traced = subprocess.Popen(
                    command, env=self.ground.environment, stdout=log, stderr=log, start_new_session=True
                )
        else:
            self.process = make_server(self.arguments, self.ground.environment, self.log)
            self.process.start()
        ends = time.monotonic() + START_SECONDS
        while self.count_starts() - before < self.number or not self._answers():
            if time.monotonic() > ends or not self.runs():
                raise RuntimeError(f"The server does not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.03)
        return self

    def count_starts(self) -> int:
        """Return the number of workers that have logged that they serve."""
        return self.log.read_text().count('"event": "started"') if self.log.is_file() else 0

    @property
    def pid(self) -> int | None:
        return self.traced.pid if self.traced else self.process.pid if self.process else None

    def runs(self) -> bool:
        return self.traced.poll() is None if self.traced else bool(self.process and self.process.is_alive())

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def workers(self) -> list[int]:
        """List the worker processes."""
        return list_family(self.pid)[1:] if self.pid else []

    def kill_worker(self, chance: random.Random) -> None:
        """kill -9 a random worker process."""
        if workers := self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    def kill_all(self) -> None:
        """kill -9 all processes at the same time."""
        family = list_family(self.pid) if self.pid else []
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.wait()
        wait_gone(family)

    def wait(self) -> None:
        if self.traced:
            self.traced.wait(timeout=60)
        elif self.process:
            self.process.join(60)

    def supervise(self) -> None:
        """Start the server again if it has ended, as systemd or a container's supervisor does."""
        if not self.runs():
            self.kill_all()
            self.start()

    def signal(self, number: int) -> None:
        if self.pid:
            os.kill(self.pid, number)

    def stop(self) -> None:
        """Ask the server to stop, as a deployment does: it first answers the running requests."""
        self.signal(signal.SIGTERM)
        self.wait()


def order(ground: Ground, *words: str) -> str:
    """Run `survey-engine` with these words; return its output."""
    log = ground.folder / f"order-{secrets.token_hex(4)}.log"
    call_command(words, ground.environment, log)
    return log.read_text()
