"""Keyed hashes that detect a list with another key column, or with new keys of the same persons."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seat", sa.Column("key_names", sa.String(length=32), nullable=True))
    op.add_column("seat", sa.Column("row_hash", sa.String(length=32), nullable=True))
    if op.get_bind().dialect.name == "postgresql":  # no samples in the statistics, which outlive an erasure
        op.execute("ALTER TABLE seat ALTER row_hash SET STATISTICS 0")


def downgrade() -> None:
    op.drop_column("seat", "row_hash")
    op.drop_column("seat", "key_names")
