"""Keyed hash by which a corrected list finds the seats."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seat", sa.Column("key_hash", sa.String(length=32), nullable=True))
    op.create_index("seat_key", "seat", ["questionnaire", "key_hash"], unique=True)


def downgrade() -> None:
    op.drop_index("seat_key", "seat")
    op.drop_column("seat", "key_hash")
