"""The tables of both stores. A change of a table needs a migration; a test compares the two.

Answers and identity have separate metadata, so that they can be in separate databases with separate roles.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Float, Index, Integer, MetaData, String, Text, text
from sqlmodel import Field, SQLModel

NOW = text("CURRENT_TIMESTAMP")
DRAWN = Text().with_variant(String(32), "sqlite")
"""SQLite ignores the length, so its column is as it was."""
KEY_TYPE = BigInteger().with_variant(Integer(), "sqlite")


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

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random: cookies and tickets contain it, so a restored store must not reuse the id of a lost response."""
    questionnaire: str = Field(max_length=40)
    version: str = Field(max_length=32)
    institution: str = Field(max_length=40)
    pseudonym: str | None = Field(default=None, max_length=64)
    language: str = Field(max_length=32)
    languages: str
    """Every language used, in order, with commas."""
    background: str
    """JSON: variable → value."""
    sealed_labels: str | None = None
    """Encrypted: the labels of the start, to be shown again; NULL until a recount changed labels of the institution."""
    modules: str
    """JSON: module → reason, in the order asked; then arm (`experiment=arm`) → reason."""
    drawn: str | None = Field(default=None, sa_type=DRAWN)
    """The modules and arms that were drawn at random, with spaces. The draw counts them in the index `response_draw`."""
    started_at: datetime = Field(sa_column_kwargs={"server_default": NOW})
    completed_at: datetime | None = None
    key_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the respondent's private key; None in responses of older releases until the key was shown."""
    key_mark: str | None = Field(default=None, max_length=32)
    """`make_link_mark` of the link or login that has the key; None in responses of older releases."""
    saves: int = Field(sa_column_kwargs={"server_default": text("0")})
    """Number of saves, for the optimistic lock. On SQLite triggers count them."""
    progress_bar: bool | None = None
    """Whether the pages show the progress bar, a split ballot; NULL for responses of older releases."""
    device: str | None = Field(default=None, max_length=8)
    """Class of the device's width at the start: `DEVICES` of `fieldwork/start_form.py`; NULL if it is not known."""
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
    """Visits and what the script measured, as `engine/paradata.py` writes them; NULL for pages of older releases."""
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
    """The published version of a questionnaire: new respondents get it."""

    __tablename__ = "service"

    questionnaire: str = Field(primary_key=True, max_length=40)
    version: str = Field(max_length=32)
    published_at: datetime = Field(sa_column_kwargs={"server_default": NOW})


class WaitingRow(AnswerTable, table=True):
    """An encrypted panel address that waits for a batch. It is in the store of answers to be part of a page's transaction."""

    __tablename__ = "panel_waiting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the response's id."""
    panel: str = Field(primary_key=True, max_length=80)
    token: str
    """The encrypted address; all tokens have the same length."""
    signup: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """Random number of this sign-up: a corrected address has a new one. 0 for rows of older releases."""


class WithdrawnRow(AnswerTable, table=True):
    """A withdrawn or replaced link: the answers stay, and devices that used the link can neither see nor change them."""

    __tablename__ = "withdrawn_response"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the pseudonym, for a replaced link also of the link. A link without a response has a name too."""


class LaterKeyRow(AnswerTable, table=True):
    """The private key of a link that replaced another one. Only the pseudonym key leads from a row to its response."""

    __tablename__ = "later_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    questionnaire: str = Field(primary_key=True, max_length=40)
    key_hash: str = Field(primary_key=True, max_length=32)
    """As in the response."""
    name: str = Field(max_length=32)
    """Keyed hash of the response's id: an erasure deletes by it."""
    holder: str = Field(max_length=32)
    """The response's id and the link's mark, masked with a keyed hash of `key_hash`."""


class ReleaseRow(AnswerTable, table=True):
    """The responses of a delivery that became final: later ones of the institution must differ in several."""

    __tablename__ = "release"

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    questionnaire: str = Field(max_length=40)
    institution: str = Field(max_length=40)
    """Empty for all institutions."""
    hashes: str
    """Keyed hashes of number and answers, with spaces; of all, each with its institution and a slash before it."""
    shown_groups: str | None = None
    """The counts of groups that the tables show, as JSON; empty for rows, NULL for releases of an older program."""


class AnswersKeyRow(AnswerTable, table=True):
    """A keyed hash of a key with which this store was made: another key is refused."""

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

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random or from `make_seat_number`, and the rowid on SQLite: rows do not reveal the order of their insertion."""
    questionnaire: str = Field(max_length=40, index=True)
    institution: str = Field(max_length=40)
    link_hash: str = Field(max_length=64, unique=True)
    sealed: str
    """Background and language, encrypted and padded: equal texts have different tokens."""
    withdrawn: bool = False
    key_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the person's key on the institution's list; a corrected list finds the seat by it."""
    key_names: str | None = Field(default=None, max_length=32)
    """Keyed hash of the headings of the key columns; None in seats of older releases and of lists without a key."""
    row_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of the copied cells of the person's row; None for a row like others. It finds a person with another key."""
    details: str | None = None
    """Addresses, labels and link, encrypted and padded; respondents' requests do not read it."""
    login_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of institution, birth date and folded surname, for the login by name; several persons may share one."""
    first_name_hash: str | None = Field(default=None, max_length=32)
    """The same with the folded first name."""
    name_hash: str | None = Field(default=None, max_length=32)
    """Keyed hash of key and folded name, the same at every institution; None when the list had no name or no key."""


class PanelRow(IdentityTable, table=True):
    """One address of a panel, without institution, time or link to a response."""

    __tablename__ = "panel_member"
    __table_args__ = (Index("panel_member_once", "panel", "address", unique=True),)

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    """Random, and the rowid on SQLite: rows do not reveal the order of their insertion."""
    panel: str = Field(max_length=80)
    address: str = Field(max_length=320)


class JobRow(IdentityTable, table=True):
    """One job for a worker; deleted when finished."""

    __tablename__ = "job"
    __table_args__ = (Index("job_once", "once", unique=True), Index("job_due", "due_at"))

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(max_length=32)
    once: str | None = Field(default=None, max_length=64)
    """Unique name; None for jobs that may exist several times."""
    payload: str
    """JSON without personal data."""
    attempts: int
    due_at: float = Field(sa_type=Float)
    """Seconds since 1970, as `leased_until`; 0 or a random time if a request of a person added the job."""
    lease: int | None = Field(default=None, sa_type=BigInteger)
    """Identifies the lease of a worker."""
    leased_until: float | None = Field(default=None, sa_type=Float)
    failure: str | None = Field(default=None, max_length=80)
    """The kind of error after the last attempt; no worker takes the job again."""


class GroupTotalRow(IdentityTable, table=True):
    """The participation of a group that has a page for its teacher; the worker refreshes it."""

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
    """Which step the persons with the same labels have reached; see `ShownCount` of `storage/group_totals.py`."""

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
    """What was shown of an institution at the end of a day; see `fieldwork/response_history.py`."""

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
    """A request of a person about the person's own data; it names nobody."""

    __tablename__ = "data_request"

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    questionnaire: str = Field(max_length=40)
    kind: str = Field(max_length=16)
    reference: str = Field(max_length=80)
    """The number in the operator's own file."""
    received: date
    closed: date | None = None
    outcome: str | None = Field(default=None, max_length=80)


class SeatAddressRow(IdentityTable, table=True):
    """One address of a person; it finds the seat of somebody who lost the link."""

    __tablename__ = "seat_address"
    __table_args__ = (Index("seat_address_seat", "seat"), {"sqlite_with_rowid": False})

    address_hash: str = Field(primary_key=True, max_length=32)
    """Keyed hash; several persons may share an address."""
    seat: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="seat.id", ondelete="CASCADE")


class MailedAddressRow(IdentityTable, table=True):
    """An address that got mails about a lost link in the last day, or was about to get one when the worker was killed."""

    __tablename__ = "mailed_address"
    __table_args__ = ({"sqlite_with_rowid": False},)

    address_hash: str = Field(primary_key=True, max_length=32)
    claimed_at: float = Field(sa_type=Float)
    """Seconds since 1970, later than the last mail by a random part of `SPREAD_SECONDS`: no start can be joined to it."""
    mails: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    """The number of mails until none was sent for a day."""


class LmsRegistrationRow(IdentityTable, table=True):
    """One client of a learning environment: hosted environments have one issuer for all their customers."""

    __tablename__ = "lms_registration"
    __table_args__ = (Index("lms_registration_client", "issuer", "client_id", unique=True),)

    id: int = Field(primary_key=True, sa_type=KEY_TYPE, sa_column_kwargs={"autoincrement": False})
    issuer: str = Field(max_length=255)
    client_id: str = Field(max_length=255)
    auth_url: str = Field(max_length=2000)
    keys_url: str = Field(max_length=2000)
    token_url: str = Field(max_length=2000)
    """Empty when completions are not reported."""
    audience: str = Field(max_length=2000)
    """The audience of requests for access tokens; empty for `token_url`."""
    approved: bool
    """Whether it may launch; a dynamic registration waits for a command."""


class LmsDeploymentRow(IdentityTable, table=True):
    """One deployment of a client: it belongs to one institution."""

    __tablename__ = "lms_deployment"

    registration: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="lms_registration.id", ondelete="CASCADE")
    deployment: str = Field(primary_key=True, max_length=255)
    institution: str = Field(max_length=40)
    reports: bool
    """Whether the environment is told who has completed."""
    roster_match: str = Field(default="", max_length=10, sa_column_kwargs={"server_default": ""})
    """What of a launch is searched for on the roster: "number", "sourcedid", "email", or nothing."""


class LmsKeyRow(IdentityTable, table=True):
    """One key pair that signs messages to learning environments."""

    __tablename__ = "lms_key"

    generation: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    sealed: str
    """The private key, encrypted."""


class LmsNonceRow(IdentityTable, table=True):
    """A launch that was accepted: its nonce is not accepted again."""

    __tablename__ = "lms_nonce"
    __table_args__ = ({"sqlite_with_rowid": False},)

    nonce: str = Field(primary_key=True, max_length=64)
    day: int
    """The day since 1970 on which it was used, so that no time of a launch is stored."""


class LmsInvitationRow(IdentityTable, table=True):
    """A secret by which a learning environment may register itself once."""

    __tablename__ = "lms_invitation"

    secret_hash: str = Field(primary_key=True, max_length=64)
    institution: str = Field(max_length=40)
    expires_at: float = Field(sa_type=Float)
    """Seconds since 1970."""


class LmsSeatRow(IdentityTable, table=True):
    """A seat that a launch found on the roster: it belongs to one person of one learning environment."""

    __tablename__ = "lms_seat"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the seat."""
    questionnaire: str = Field(max_length=40)
    person: str = Field(max_length=32)
    """Keyed hash of the seat and the first person who launched it."""


class LmsReportRow(IdentityTable, table=True):
    """A person whose completion the learning environment is told, where the institution switched that on."""

    __tablename__ = "lms_report"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, max_length=32)
    """Keyed hash of the person and the card."""
    sealed: str
    """The person and the place of the grade, encrypted and padded."""
