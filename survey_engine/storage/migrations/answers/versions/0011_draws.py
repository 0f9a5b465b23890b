"""Longer text, because one response may get several random modules and arms. SQLite ignores the length of a text."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("response", "drawn", type_=sa.Text())


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("response", "drawn", type_=sa.String(length=32), postgresql_using="left(drawn, 32)")
