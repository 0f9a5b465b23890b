"""The store of answers has the versions of questionnaires, so that every process can read the version of a response."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questionnaire_version",
        sa.Column("questionnaire", sa.String(40), primary_key=True),
        sa.Column("version", sa.String(32), primary_key=True),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
    )
    op.create_table(
        "service",
        sa.Column("questionnaire", sa.String(40), primary_key=True),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("service")
    op.drop_table("questionnaire_version")
