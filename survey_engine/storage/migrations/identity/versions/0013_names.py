"""Keyed hash of a person's key and name."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seat", sa.Column("name_hash", sa.String(length=32), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE seat ALTER name_hash SET STATISTICS 0")


def downgrade() -> None:
    op.drop_column("seat", "name_hash")
