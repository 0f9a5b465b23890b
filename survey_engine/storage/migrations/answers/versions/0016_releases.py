"""Releases: the responses of final deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("institution", sa.String(length=40), nullable=False),
        sa.Column("hashes", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("release")
