"""A response counts its saves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("response", sa.Column("saves", sa.Integer(), server_default=sa.text("0"), nullable=False))
    if op.get_bind().dialect.name == "postgresql":  # room for the next version of a row in its block: then no index changes (HOT)
        op.execute("ALTER TABLE response SET (fillfactor = 80)")
        return
    count = "BEGIN UPDATE response SET saves = saves + 1 WHERE id = new.response_id; END"
    op.execute(f"CREATE TRIGGER page_insert AFTER INSERT ON page {count}")  # part of the statement that stores the page
    op.execute(f"CREATE TRIGGER page_update AFTER UPDATE ON page {count}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER page_insert")
        op.execute("DROP TRIGGER page_update")
    op.drop_column("response", "saves")
