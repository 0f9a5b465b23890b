"""Learning environments: the value by which a deployment finds its students on the roster."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lms_deployment", sa.Column("roster_match", sa.String(length=10), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("lms_deployment", "roster_match")
