"""The tables of both stores. A change of a table needs a migration; a test compares the two.

Answers and identity have separate metadata, so that they can be in separate databases with separate roles.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Float, Index, Integer, MetaData, String, Text, text
from sqlmodel import Field, SQLModel

NOW = text("CURRENT_TIMESTAMP")
DRAWN = Text().with_variant(String(32), "sqlite")
"""SQLite ignores the length, so its columns did not change."""
_KEY_TYPE = BigInteger().with_variant(Integer(), "sqlite")


class AnswerTable(SQLModel):
    """Base of the tables with answers under a pseudonym."""

    metadata = MetaData()


class IdentityTable(SQLModel):
    """Base of the tables with seats, panel addresses and jobs."""

    metadata = MetaData()


class ResponseRow(AnswerTable, table=True):
    """One respondent's response to one questionnaire; PageRow has its answers."""

    __tablename__ = "response"
    __table_args__ = (
        Index("response_pseudonym", "questionnaire", "pseudonym", unique=True),
        Index("response_key", "questionnaire", "key_hash", unique=True),
        Index("response_draw", "questionnaire", "institution", "drawn", "completed_at", "started_at"),
    )

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random: cookies and tickets contain it, so a restored store must not reuse the id of a lost response."""
    questionnaire: str = Field(max_length=40)
    version: str = Field(max_length=32)
    institution: str = Field(max_length=40)
    pseudonym: str | None = Field(default=None, max_length=64)
    language: str = Field(max_length=32)
    languages: str
    """Every language used, in order of first use, separated by commas."""
    background: str
    """JSON: variable → value."""
    sealed_labels: str | None = None
    """Encrypted: the labels at the start, which may be shown again; NULL until a recount changes labels of the institution."""
    modules: str
    """JSON: module → reason, in the order asked; then arm (`experiment=arm`) → reason."""
    drawn: str | None = Field(default=None, sa_type=DRAWN)
    """The randomly assigned modules and arms, separated by spaces. The draw counts them in the index `response_draw`."""
    started_at: datetime = Field(sa_column_kwargs={"server_default": NOW})
    completed_at: datetime | None = None
    key_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the respondent's private key; None in responses of older releases until the key was shown."""
    key_mark: str | None = Field(default=None, max_length=32)
    """The text of the mark (`LinkMark`) of the link or login to which the key belongs; None in responses of older releases."""
    saves: int = Field(sa_column_kwargs={"server_default": text("0")})
    """Number of saves, for the optimistic lock. On SQLite triggers count them."""
    progress_bar: bool | None = None
    """Whether the pages show the progress bar (split ballot); NULL for responses of older releases."""
    device: str | None = Field(default=None, max_length=8)
    """Class of the device's width at the start: `DEVICES` of `fieldwork/start_form.py`; NULL if unknown."""
    channel: str | None = Field(default=None, max_length=8)
    """One of `CHANNELS` of `fieldwork/start_form.py`; NULL if the link named none."""


class PageRow(AnswerTable, table=True):
    """The last save of one page of one response."""

    __tablename__ = "page"
    __table_args__ = (CheckConstraint("version > 0"), {"sqlite_with_rowid": False})

    response_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="response.id", ondelete="CASCADE")
    page: str = Field(primary_key=True, max_length=32)
    answers: str
    """JSON: variable → value."""
    version: int
    """The save count of this page."""
    writer: str = Field(max_length=32)
    number: int
    done: bool
    seconds_left: int
    paradata: str | None = Field(default=None, max_length=32)
    """Visits and measurements of the script, in the format of `engine/paradata.py`; NULL for pages of older releases."""
    saved_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class VersionRow(AnswerTable, table=True):
    """One version of a questionnaire that respondents may have started."""

    __tablename__ = "questionnaire_version"

    questionnaire: str = Field(primary_key=True, max_length=40)
    version: str = Field(primary_key=True, max_length=32)
    files: bytes
    """Zip archive of all source files."""
    digest: str = Field(max_length=64)
    """Digest of the pages and the routing."""
    served_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class ServiceRow(AnswerTable, table=True):
    """The published version of a questionnaire, which new respondents get."""

    __tablename__ = "service"

    questionnaire: str = Field(primary_key=True, max_length=40)
    version: str = Field(max_length=32)
    published_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class WaitingRow(AnswerTable, table=True):
    """An encrypted panel address that waits for a batch. It is in the store of answers, so that a page's transaction can write it."""

    __tablename__ = "panel_waiting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the response's id."""
    panel: str = Field(primary_key=True, max_length=80)
    token: str
    """The encrypted address; all tokens have the same length."""
    signup: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """Random number of this sign-up. A corrected address gets a new number. 0 for rows of older releases."""


class WithdrawnRow(AnswerTable, table=True):
    """A withdrawn or replaced link. The answers remain, but devices that used the link can neither see nor change them."""

    __tablename__ = "withdrawn_response"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the pseudonym; for a replaced link, of pseudonym and link. A link without a response has a name too."""


class LaterKeyRow(AnswerTable, table=True):
    """The private key of a link that replaced another link. Finding the response of a row requires the pseudonym key."""

    __tablename__ = "later_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    questionnaire: str = Field(primary_key=True, max_length=40)
    key_hash: str = Field(primary_key=True, max_length=32)
    """Hash of the private key, as in the response."""
    name: str = Field(max_length=32)
    """Keyed hash of the response's id, by which an erasure finds the row."""
    holder: str = Field(max_length=32)
    """The response's id and the link's mark, masked with a keyed hash of `key_hash`."""


class ReleaseRow(AnswerTable, table=True):
    """The responses of a final delivery. Later deliveries of the institution must be equal or differ in enough responses."""

    __tablename__ = "release"

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    questionnaire: str = Field(max_length=40)
    institution: str = Field(max_length=40)
    """Empty for all institutions."""
    hashes: str
    """Keyed hashes of the responses, separated by spaces; in a release of all institutions, each follows its institution and a slash."""
    shown_groups: str | None = None
    """The counts of groups that the tables show, as JSON; empty for rows, NULL for releases of an older program."""
    shown_columns: str | None = None
    """Which responses the columns of an institution's rows show alike, as JSON; empty for others, NULL for an older program."""


class AnswersKeyRow(AnswerTable, table=True):
    """Fingerprint (keyed hash) of a key with which this store was made. The program rejects another key."""

    __tablename__ = "key_fingerprint"

    purpose: str = Field(primary_key=True, max_length=16)
    fingerprint: str = Field(primary_key=True, max_length=16)


class IdentityKeyRow(IdentityTable, table=True):
    """As AnswersKeyRow."""

    __tablename__ = "key_fingerprint"

    purpose: str = Field(primary_key=True, max_length=16)
    fingerprint: str = Field(primary_key=True, max_length=16)


class SeatRow(IdentityTable, table=True):
    """One person who may answer, with the hash of the personal link."""

    __tablename__ = "seat"
    __table_args__ = (
        Index("seat_key", "questionnaire", "key_hash", unique=True),
        Index("seat_login", "questionnaire", "login_hash"),
    )

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random or from `make_seat_number`. It is the rowid on SQLite, so that rows do not reveal the order of their insertion."""
    questionnaire: str = Field(max_length=40, index=True)
    institution: str = Field(max_length=40)
    link_hash: str = Field(max_length=64, unique=True)
    sealed: str
    """Background and language, encrypted and padded: equal texts have different tokens."""
    withdrawn: bool = False
    key_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the person's key on the institution's list, by which a corrected list finds the seat."""
    key_names: str | None = Field(default=None, max_length=32)
    """Keyed hash of the headings of the key columns; None in seats of older releases and of lists without a key."""
    row_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the copied cells of the person's row, which finds a person whose key changed. None if several rows are alike."""
    details: str | None = None
    """Addresses, labels and link, encrypted and padded; respondents' requests do not read it."""
    login_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of institution, birth date and folded surname, for the login by name; several persons may share one."""
    first_name_hash: str | None = Field(default=None, max_length=32)
    """As `login_hash`, with the folded first name added."""
    name_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of key and folded name, without the institution; None if the list had no name or no key."""


class PanelRow(IdentityTable, table=True):
    """One address of a panel, without institution, time or link to a response."""

    __tablename__ = "panel_member"
    __table_args__ = (Index("panel_member_once", "panel", "address", unique=True),)

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random. It is the rowid on SQLite, so that rows do not reveal the order of their insertion."""
    panel: str = Field(max_length=80)
    address: str = Field(max_length=320)


class JobRow(IdentityTable, table=True):
    """One job for a worker; deleted when finished.

    A row of the kind `unsent-mail` is a claim instead: a mail to an address is being sent, or its result is unknown, or it was refused.
    No worker takes it, because `failure` is set from the beginning.
    """

    __tablename__ = "job"
    __table_args__ = (Index("job_once", "once", unique=True), Index("job_due", "due_at"))

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=32)
    once: str | None = Field(default=None, max_length=64)
    """Unique name; None for jobs that may exist several times. Of a claim: the kind and the keyed hash of the address."""
    payload: str
    """JSON without personal data."""
    attempts: int
    due_at: float = Field(sa_type=Float)
    """Seconds since 1970, as is `leased_until`; 0 or a randomly shifted time if a person's request added the job.

    Of a claim: the full hour in which it was made.
    """
    lease: int | None = Field(default=None, sa_type=BigInteger)
    """Identifies the lease of a worker."""
    leased_until: float | None = Field(default=None, sa_type=Float)
    failure: str | None = Field(default=None, max_length=80)
    """The kind of error after the last attempt; no worker takes the job again. Of a claim: `unknown` or `refused`."""


class GroupTotalRow(IdentityTable, table=True):
    """The participation of a group whose teacher has a page; the worker refreshes it."""

    __tablename__ = "group_total"

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of questionnaire, institution and label."""
    questionnaire: str = Field(max_length=40)
    institution: str = Field(max_length=40)
    persons: int | None = None
    """No number here reveals fewer than five persons; see `fieldwork/group_totals.py`."""
    started: int | None = None
    completed: int | None = None
    counted_at: float | None = Field(default=None, sa_type=Float)
    """Seconds since 1970."""


class ShownCountRow(IdentityTable, table=True):
    """The numbers shown for the persons with the same labels; see `ShownCount` of `storage/group_totals.py`."""

    __tablename__ = "shown_count"

    name: str = Field(primary_key=True, max_length=32)
    questionnaire: str = Field(max_length=40)
    institution: str = Field(max_length=40)
    kinds: str
    members: str = Field(max_length=32)
    progress: str = Field(max_length=32)
    started: int
    completed: int


class ResponseDayRow(IdentityTable, table=True):
    """The numbers shown for an institution at the end of a day; see `fieldwork/response_history.py`."""

    __tablename__ = "response_day"

    questionnaire: str = Field(primary_key=True, max_length=40)
    institution: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    invited: int | None = None
    started: int | None = None
    completed: int | None = None
    open_started: int | None = None
    open_completed: int | None = None
    reminded: bool
    """Whether `remind` listed persons on this day."""


class DataRequestRow(IdentityTable, table=True):
    """A person's request about their own data. It does not name the person."""

    __tablename__ = "data_request"

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    questionnaire: str = Field(max_length=40)
    kind: str = Field(max_length=16)
    reference: str = Field(max_length=80)
    """Number of the request in the operator's own file."""
    received: date
    closed: date | None = None
    outcome: str | None = Field(default=None, max_length=80)


class SeatAddressRow(IdentityTable, table=True):
    """One address of a person, by which the seat is found after the person lost the link."""

    __tablename__ = "seat_address"
    __table_args__ = (Index("seat_address_seat", "seat"), {"sqlite_with_rowid": False})

    address_hash: str = Field(primary_key=True, max_length=32)
    """Keyed hash; several persons may share an address."""
    seat: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="seat.id", ondelete="CASCADE")


class MailedAddressRow(IdentityTable, table=True):
    """An address to which mails about a lost link were sent in the last day, or were about to be sent when the worker was killed."""

    __tablename__ = "mailed_address"
    __table_args__ = ({"sqlite_with_rowid": False},)

    address_hash: str = Field(primary_key=True, max_length=32)
    claimed_at: float = Field(sa_type=Float)
    """Seconds since 1970: the last mail plus a random part of `SPREAD_SECONDS`, so that it cannot be joined to the start of a response."""
    mails: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    """Number of mails since the last day without a mail."""


class LmsRegistrationRow(IdentityTable, table=True):
    """One client of a learning environment: hosted environments have one issuer for all their customers."""

    __tablename__ = "lms_registration"
    __table_args__ = (Index("lms_registration_client", "issuer", "client_id", unique=True),)

    id: int = Field(primary_key=True, sa_type=_KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    issuer: str = Field(max_length=255)
    client_id: str = Field(max_length=255)
    auth_url: str = Field(max_length=2000)
    keys_url: str = Field(max_length=2000)
    token_url: str = Field(max_length=2000)
    """Empty when completions are not reported."""
    audience: str = Field(max_length=2000)
    """The audience of requests for access tokens; empty for `token_url`."""
    approved: bool
    """Whether the client may launch. A dynamic registration waits for approval by a command."""


class LmsDeploymentRow(IdentityTable, table=True):
    """One deployment of a client, which belongs to one institution."""

    __tablename__ = "lms_deployment"

    registration: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="lms_registration.id", ondelete="CASCADE")
    deployment: str = Field(primary_key=True, max_length=255)
    institution: str = Field(max_length=40)
    reports: bool
    """Whether completions are reported to the environment."""
    roster_match: str = Field(default="", max_length=10, sa_column_kwargs={"server_default": ""})
    """The value of a launch by which a seat is searched on the roster: "number", "sourcedid" or "email"; empty for no search."""


class LmsKeyRow(IdentityTable, table=True):
    """One key pair that signs messages to learning environments."""

    __tablename__ = "lms_key"

    generation: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    sealed: str
    """The private key, encrypted."""


class LmsNonceRow(IdentityTable, table=True):
    """The nonce of an accepted launch, which is not accepted again."""

    __tablename__ = "lms_nonce"
    __table_args__ = ({"sqlite_with_rowid": False},)

    nonce: str = Field(primary_key=True, max_length=64)
    day: int
    """Days since 1970 at its use: a day only, so that no time of a launch is stored."""


class LmsInvitationRow(IdentityTable, table=True):
    """A secret with which a learning environment may register itself once."""

    __tablename__ = "lms_invitation"

    secret_hash: str = Field(primary_key=True, max_length=64)
    institution: str = Field(max_length=40)
    expires_at: float = Field(sa_type=Float)
    """Seconds since 1970."""


class LmsSeatRow(IdentityTable, table=True):
    """A seat that a launch found on the roster. It is bound to one person of one learning environment."""

    __tablename__ = "lms_seat"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the seat."""
    questionnaire: str = Field(max_length=40)
    person: str = Field(max_length=32)
    """Keyed hash of the seat and the first person who launched it."""


class LmsReportRow(IdentityTable, table=True):
    """A person whose completion is reported to the learning environment, if the institution has enabled reports."""

    __tablename__ = "lms_report"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the person and the card."""
    sealed: str
    """The person and the address of the grade, encrypted and padded."""
