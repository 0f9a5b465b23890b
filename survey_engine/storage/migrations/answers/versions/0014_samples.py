"""PostgreSQL samples only the columns in `SAMPLED`: `migrate` sets this after the last migration of an older store."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
