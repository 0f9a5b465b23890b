"""Mark of the link or login to which a private key belongs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("key_mark", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "key_mark")
