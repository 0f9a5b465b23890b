"""Keyed hashes of birth date and names of seats, for the login by name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seat", sa.Column("login_hash", sa.String(length=32), nullable=True))
    op.add_column("seat", sa.Column("first_name_hash", sa.String(length=32), nullable=True))
    op.create_index("seat_login", "seat", ["questionnaire", "login_hash"])


def downgrade() -> None:
    op.drop_index("seat_login", "seat")
    op.drop_column("seat", "first_name_hash")
    op.drop_column("seat", "login_hash")
