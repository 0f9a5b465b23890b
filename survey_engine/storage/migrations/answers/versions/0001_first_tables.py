"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("background", sa.String(), nullable=False),
        sa.Column("modules", sa.String(), nullable=False),
        sa.Column("drawn", sa.String(length=32), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    columns = ["questionnaire", "institution", "drawn", "completed_at", "started_at"]  # the draw counts by the index alone
    op.create_index("response_draw", "response", columns, unique=False)
    op.create_index("response_pseudonym", "response", ["questionnaire", "pseudonym"], unique=True)

    op.create_table(
        "page",
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writer", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("seconds_left", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
        sa.CheckConstraint("version > 0"),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("response_id", "page"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("page")
    op.drop_table("response")
