"""Encrypted panel addresses wait in a table of their own. Responses have a hash of the private key instead of a receipt."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WRITTEN = ("response.background", "page.answers", "panel_waiting.token")
"""Columns without samples in PostgreSQL's statistics, which outlive an erasure. Setting the type again drops existing samples."""


def upgrade() -> None:
    op.create_table(
        "panel_waiting",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("panel", sa.String(length=80), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "panel"),
        sqlite_with_rowid=False,
    )
    op.execute("UPDATE response SET receipt = NULL WHERE receipt IS NOT NULL")  # a dropped column stays in PostgreSQL's rows
    op.drop_column("response", "receipt")
    op.add_column("response", sa.Column("key_hash", sa.String(length=32), nullable=True))
    op.create_index("response_key", "response", ["questionnaire", "key_hash"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (name.split(".") for name in WRITTEN):
            op.execute(f"ALTER TABLE {table} ALTER {column} TYPE VARCHAR, ALTER {column} SET STATISTICS 0")


def downgrade() -> None:
    op.drop_index("response_key", "response")
    op.drop_column("response", "key_hash")
    op.add_column("response", sa.Column("receipt", sa.String(length=32), nullable=True))
    op.drop_table("panel_waiting")
