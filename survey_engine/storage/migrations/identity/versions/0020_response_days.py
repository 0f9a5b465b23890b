"""History of response: the numbers shown for institutions on each day, and days of reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response_day",
        sa.Column("questionnaire", sa.String(length=40), primary_key=True),
        sa.Column("institution", sa.String(length=40), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=True),
        sa.Column("completed", sa.Integer(), nullable=True),
        sa.Column("open_started", sa.Integer(), nullable=True),
        sa.Column("open_completed", sa.Integer(), nullable=True),
        sa.Column("reminded", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("response_day")
