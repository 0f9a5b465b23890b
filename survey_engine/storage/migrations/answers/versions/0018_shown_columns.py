"""Releases of rows tell which responses their columns show alike."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("release", sa.Column("shown_columns", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("release", "shown_columns")
