"""Paradata: visits and measures of a page, and the class of the device."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("page", sa.Column("paradata", sa.String(length=32), nullable=True))
    op.add_column("response", sa.Column("device", sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "device")
    op.drop_column("page", "paradata")
