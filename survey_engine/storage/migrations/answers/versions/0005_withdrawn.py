"""A table of keyed hashes of withdrawn links, which saves check. Responses do not show whether their link was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    name = sa.Column("name", sa.String(length=32), primary_key=True)
    op.create_table("withdrawn_response", name, sqlite_with_rowid=False)


def downgrade() -> None:
    op.drop_table("withdrawn_response")
