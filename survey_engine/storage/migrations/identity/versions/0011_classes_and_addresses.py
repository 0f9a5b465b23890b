"""Totals of groups whose teacher has a page; keyed hashes of addresses, for lost links."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_total",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=True),
        sa.Column("completed", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "seat_address",
        sa.Column("address_hash", sa.String(length=32), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["seat"], ["seat.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("address_hash", "seat"),
        sqlite_with_rowid=False,
    )
    op.create_index("seat_address_seat", "seat_address", ["seat"])
    op.create_table(
        "mailed_address",
        sa.Column("address_hash", sa.String(length=32), nullable=False),
        sa.Column("claimed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("mailed_address")
    op.drop_table("seat_address")
    op.drop_table("group_total")
