"""What our pages are compared with: a bare Flask page of 10 KB, and the same after one durable commit.

The commit is SQLite's own, as plain as it gets: one INSERT, write-ahead log, synchronous=FULL, one writer at a time.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask

PAGE = "<p>" + "x" * 10_000 + "</p>"


def create_app() -> Flask:
    app = Flask(__name__)
    folder = Path(os.environ["BENCH_DATA"])
    local, turn = threading.local(), threading.Lock()
    lock = (folder / "baseline.lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together
    with sqlite3.connect(folder / "baseline.db") as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE IF NOT EXISTS saved (id INTEGER PRIMARY KEY, content TEXT)")
    fcntl.flock(lock, fcntl.LOCK_UN)

    def connect() -> sqlite3.Connection:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(folder / "baseline.db", isolation_level=None, timeout=20)
            local.connection.execute("PRAGMA synchronous=FULL")
        connection: sqlite3.Connection = local.connection
        return connection

    @app.route("/page", methods=["GET", "POST"])
    def page() -> str:
        return PAGE

    @app.route("/commit", methods=["GET", "POST"])
    def commit() -> str:
        connection = connect()
        with turn:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute("INSERT INTO saved (content) VALUES (?)", ("x" * 200,))
            fcntl.flock(lock, fcntl.LOCK_UN)
        return PAGE

    return app
