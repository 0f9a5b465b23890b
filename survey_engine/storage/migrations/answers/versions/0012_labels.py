"""Encrypted labels of a response, for labels that are hidden from its background."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("sealed_labels", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "sealed_labels")
