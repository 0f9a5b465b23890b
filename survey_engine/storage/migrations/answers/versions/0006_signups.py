"""Each panel sign-up has a random number. The list of erasures, outside the store, has the numbers of cancelled sign-ups."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("panel_waiting", sa.Column("signup", sa.BigInteger(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    op.drop_column("panel_waiting", "signup")
