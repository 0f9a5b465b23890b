"""Totals of groups: the numbers that were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shown_count",
        sa.Column("name", sa.String(length=32), primary_key=True),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.String(), nullable=False),
        sa.Column("members", sa.String(length=32), nullable=False),
        sa.Column("progress", sa.String(length=32), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
    )
    op.execute("UPDATE group_total SET persons = NULL, started = NULL, completed = NULL, counted_at = NULL")  # they were exact


def downgrade() -> None:
    op.drop_table("shown_count")
