"""A table for private keys of links that replaced another link, so that replacing a link does not change the response."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "later_key",
        sa.Column("questionnaire", sa.String(length=40), primary_key=True),
        sa.Column("key_hash", sa.String(length=32), primary_key=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("later_key")
