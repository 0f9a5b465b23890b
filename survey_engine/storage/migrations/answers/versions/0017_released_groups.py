"""Releases have the counts of groups in their tables."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("shown_groups", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("release", "shown_groups")
