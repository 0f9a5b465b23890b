"""Whether the respondent sees the progress bar (split ballot)."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("progress_bar", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("response", "progress_bar")
