"""What our pages are compared with: a bare Flask page of 10 KB, the same after one durable commit, and after reading the form, too.

The commit is as plain as it gets, on SQLite (write-ahead log, synchronous=FULL, one writer at a time) or on PostgreSQL
(one INSERT that is its own transaction): one row of 200 characters on a connection of the thread's own.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask, request

PAGE = "<p>" + "x" * 10_000 + "</p>"
CONTENT = "x" * 200


def create_app() -> Flask:
    app = Flask(__name__)
    url = os.environ.get("BENCH_POSTGRESQL")
    save = commit_to_postgresql(url) if url else commit_to_sqlite(Path(os.environ["BENCH_DATA"]))

    @app.route("/page", methods=["GET", "POST"])
    def page() -> str:
        return PAGE

    @app.route("/commit", methods=["GET", "POST"])
    def commit() -> str:
        save()
        return PAGE

    @app.post("/form")
    def form() -> str:
        request.form.to_dict()
        save()
        return PAGE

    return app


def commit_to_sqlite(folder: Path) -> Callable[[], None]:
    local, turn = threading.local(), threading.Lock()
    lock = (folder / "baseline.lock").open("a")
    fcntl.flock(lock, fcntl.LOCK_EX)  # workers start together
    with sqlite3.connect(folder / "baseline.db") as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE IF NOT EXISTS saved (id INTEGER PRIMARY KEY, content TEXT)")
    fcntl.flock(lock, fcntl.LOCK_UN)

    def save() -> None:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(folder / "baseline.db", isolation_level=None, timeout=20)
            local.connection.execute("PRAGMA synchronous=FULL")
        with turn:
            fcntl.flock(lock, fcntl.LOCK_EX)
            local.connection.execute("INSERT INTO saved (content) VALUES (?)", (CONTENT,))
            fcntl.flock(lock, fcntl.LOCK_UN)

    return save


def commit_to_postgresql(url: str) -> Callable[[], None]:
    local = threading.local()
    with psycopg.connect(url, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(1)")  # workers start together
        first.execute("CREATE TABLE IF NOT EXISTS saved (id BIGSERIAL PRIMARY KEY, content TEXT)")

    def save() -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True, prepare_threshold=2)
        local.connection.execute("INSERT INTO saved (content) VALUES (%s)", (CONTENT,))

    return save
