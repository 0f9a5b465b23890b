"""Learning environments: registrations, deployments, keys, used nonces, invitations, reports of completion."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = ("lms_report", "lms_invitation", "lms_nonce", "lms_key", "lms_deployment", "lms_registration")


def upgrade() -> None:
    op.create_table(
        "lms_registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("auth_url", sa.String(length=2000), nullable=False),
        sa.Column("keys_url", sa.String(length=2000), nullable=False),
        sa.Column("token_url", sa.String(length=2000), nullable=False),
        sa.Column("audience", sa.String(length=2000), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("lms_registration_client", "lms_registration", ["issuer", "client_id"], unique=True)
    op.create_table(
        "lms_deployment",
        sa.Column("registration", sa.BigInteger(), nullable=False),
        sa.Column("deployment", sa.String(length=255), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("reports", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["registration"], ["lms_registration.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("registration", "deployment"),
    )
    op.create_table(
        "lms_key",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("generation"),
    )
    op.create_table(
        "lms_nonce",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lms_invitation",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash"),
    )
    op.create_table(
        "lms_report",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
