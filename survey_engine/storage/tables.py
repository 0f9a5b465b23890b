"""The tables of both stores. Whoever changes one also writes its migration; a test compares the two.

Answers and identity have separate metadata, so that they can lie in separate databases with separate roles.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Float, Index, Integer, MetaData, text
from sqlmodel import Field, SQLModel

NOW = text("CURRENT_TIMESTAMP")
KEY = BigInteger().with_variant(Integer(), "sqlite")


class Answers(SQLModel):
    """Base of the tables that hold answers under a pseudonym."""

    metadata = MetaData()


class Identity(SQLModel):
    """Base of the tables that hold who may answer, and panel addresses."""

    metadata = MetaData()


class ResponseRow(Answers, table=True):
    """One respondent's response to one questionnaire; what it answered lies in PageRow."""

    __tablename__ = "response"
    __table_args__ = (
        Index("response_pseudonym", "questionnaire", "pseudonym", unique=True),
        Index("response_key", "questionnaire", "key_hash", unique=True),
        Index("response_draw", "questionnaire", "institution", "drawn", "completed_at", "started_at"),
    )

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    """Random: devices name it, and a store that was taken back gives no new response the id of a lost one."""
    questionnaire: str = Field(max_length=40)
    version: str = Field(max_length=32)
    institution: str = Field(max_length=40)
    pseudonym: str | None = Field(default=None, max_length=64)
    language: str = Field(max_length=32)
    languages: str
    """Every language used, in order, with commas."""
    background: str
    """JSON: variable → value."""
    modules: str
    """JSON: module → reason, in the order asked."""
    drawn: str | None = Field(default=None, max_length=32)
    """The module that was drawn at random."""
    started_at: datetime = Field(sa_column_kwargs={"server_default": NOW})
    completed_at: datetime | None = None
    key_hash: str | None = Field(default=None, max_length=32)
    """A keyed hash of the respondent's private key, once it was shown."""
    saves: int = Field(sa_column_kwargs={"server_default": text("0")})
    """How often a page was stored: who has read the response knows by it whether it is still so. SQLite counts by triggers."""


class PageRow(Answers, table=True):
    """One page of one response, as it was saved last."""

    __tablename__ = "page"
    __table_args__ = (CheckConstraint("version > 0"), {"sqlite_with_rowid": False})

    response_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="response.id", ondelete="CASCADE")
    page: str = Field(primary_key=True, max_length=32)
    answers: str
    """JSON: variable → value."""
    version: int
    writer: str = Field(max_length=32)
    number: int
    done: bool
    seconds_left: int
    saved_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class VersionRow(Answers, table=True):
    """One version of a questionnaire that somebody may have begun with."""

    __tablename__ = "questionnaire_version"

    questionnaire: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=32)
    files: bytes
    """A zip archive of every file that it was compiled from."""
    digest: str = Field(max_length=64)
    """Of what it shows and decides."""
    served_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class ServiceRow(Answers, table=True):
    """The version of a questionnaire that was published last: new respondents get it."""

    __tablename__ = "service"

    questionnaire: str = Field(primary_key=True, max_length=40)
    version: str = Field(max_length=32)
    published_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class WaitingRow(Answers, table=True):
    """A panel address, encrypted, until others wait too. It lies beside the answers to be stored in a page's own transaction."""

    __tablename__ = "panel_waiting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """A keyed hash of the response's id."""
    panel: str = Field(primary_key=True, max_length=80)
    token: str
    """Of the same length for every address."""


class WithdrawnRow(Answers, table=True):
    """One withdrawn link, or a replaced one: what was answered stays, and no device that came in by it sees it or adds to it."""

    __tablename__ = "withdrawn_response"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """A keyed hash of the pseudonym, and of a replaced link, whether it has begun a response or not: without the key it leads to none."""


class SeatRow(Identity, table=True):
    """One person who may answer; the link is stored as a hash."""

    __tablename__ = "seat"
    __table_args__ = (Index("seat_key", "questionnaire", "key_hash", unique=True),)

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    """Random, or `make_seat_number`, and on SQLite the row's own number too, so that nothing tells the order in which rows came."""
    questionnaire: str = Field(max_length=40, index=True)
    institution: str = Field(max_length=40)
    link_hash: str = Field(max_length=64, unique=True)
    sealed: str
    """Background and language, encrypted; equal to nothing else, and its length tells little."""
    withdrawn: bool = False
    key_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of what names the person on the institution's list; it finds the seat when a corrected list comes."""


class PanelRow(Identity, table=True):
    """One address signed up for a panel: no institution, no time, nothing that leads to a response."""

    __tablename__ = "panel_member"
    __table_args__ = (Index("panel_member_once", "panel", "address", unique=True),)

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    """Random, and on SQLite the row's own number too, so that nothing tells the order in which rows came."""
    panel: str = Field(max_length=80)
    address: str = Field(max_length=320)


class JobRow(Identity, table=True):
    """One job for a worker; it is deleted when it is done."""

    __tablename__ = "job"
    __table_args__ = (Index("job_once", "once", unique=True), Index("job_due", "due_at"))

    id: int = Field(primary_key=True, sa_type=KEY, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=32)
    once: str | None = Field(default=None, max_length=64)
    """A name of which there is at most one job at a time."""
    payload: str
    """JSON without personal data."""
    attempts: int
    due_at: float = Field(sa_type=Float)
    """Seconds since 1970, as `leased_until`."""
    lease: int | None = Field(default=None, sa_type=BigInteger)
    """Identifies the hold of the worker that has the job."""
    leased_until: float | None = Field(default=None, sa_type=Float)
    failure: str | None = Field(default=None, max_length=80)
    """The kind of error after the last attempt; no worker takes the job again."""
