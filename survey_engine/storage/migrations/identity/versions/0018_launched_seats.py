"""Learning environments: the person to whom a launched seat is bound."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lms_seat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("lms_seat")
