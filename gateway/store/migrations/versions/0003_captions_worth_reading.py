"""What a session was opened with; where a sentence was cut; how good a translation seems to be."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    "ALTER TABLE sessions ADD options bytea NOT NULL DEFAULT ''",
    "ALTER TABLE segments ADD is_continued boolean NOT NULL DEFAULT false",
    """
    ALTER TABLE translations
        ADD quality double precision NOT NULL DEFAULT 0,
        ADD quality_reasons jsonb NOT NULL DEFAULT '[]',
        ADD missed_terms jsonb NOT NULL DEFAULT '[]',
        ADD rejected_models jsonb NOT NULL DEFAULT '[]'
    """,
)


def upgrade() -> None:
    """Adds the columns."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Drops the columns."""
    op.execute("ALTER TABLE translations DROP quality, DROP quality_reasons, DROP missed_terms, DROP rejected_models")
    op.execute("ALTER TABLE segments DROP is_continued")
    op.execute("ALTER TABLE sessions DROP options")
