"""The channel of the link by which a response started."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("channel", sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "channel")
