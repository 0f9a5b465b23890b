"""Background and language of a seat become one text. The program encrypts it at its next start, because a migration has no key."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    build = "json_object('background', json(background), 'language', language)"
    if op.get_bind().dialect.name == "postgresql":
        build = "json_build_object('background', background::json, 'language', language)::text"
    op.execute(f"UPDATE seat SET background = {build}")  # noqa: S608 - our own words
    op.execute("ALTER TABLE seat RENAME COLUMN background TO sealed")
    op.drop_column("seat", "language")
    if op.get_bind().dialect.name == "postgresql":  # no samples in the statistics, which outlive an erasure
        op.execute("ALTER TABLE seat ALTER sealed TYPE VARCHAR, ALTER sealed SET STATISTICS 0")
        op.execute("ALTER TABLE panel_member ALTER address TYPE VARCHAR(320), ALTER address SET STATISTICS 0")


def downgrade() -> None:
    """Works only for seats that are not encrypted yet."""
    op.execute("ALTER TABLE seat RENAME COLUMN sealed TO background")
    op.add_column("seat", sa.Column("language", sa.String(length=32), nullable=True))
