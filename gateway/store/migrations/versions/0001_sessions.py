"""Sessions, their final segments and the segments' final translations."""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = (
    """
    CREATE TABLE sessions (
        session_id text PRIMARY KEY CHECK (session_id <> ''),
        title text NOT NULL,
        state text NOT NULL CHECK (state IN ('active', 'completed', 'interrupted')),
        source_language_code text NOT NULL,
        target_language_codes text[] NOT NULL,
        start_time timestamptz NOT NULL,
        end_time timestamptz CHECK (end_time >= start_time),
        sample_count bigint NOT NULL CHECK (sample_count >= 0),
        CHECK ((state = 'active') = (end_time IS NULL))
    )
    """,
    "CREATE INDEX sessions_newest_first ON sessions (start_time DESC, session_id DESC)",
    """
    CREATE TABLE segments (
        session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
        segment_id text NOT NULL,
        event_number bigint NOT NULL CHECK (event_number > 0),
        start_sample bigint NOT NULL CHECK (start_sample >= 0),
        end_sample bigint NOT NULL CHECK (end_sample >= start_sample),
        language_code text NOT NULL,
        text text NOT NULL,
        words jsonb NOT NULL,
        confidence double precision NOT NULL,
        model text NOT NULL,
        decoder_state bytea NOT NULL,
        lag_ms double precision NOT NULL,
        hop_times_ms jsonb NOT NULL,
        traceparent text NOT NULL,
        PRIMARY KEY (session_id, segment_id),
        UNIQUE (session_id, event_number),
        CHECK (segment_id = lpad(start_sample::text, 12, '0'))
    )
    """,
    """
    CREATE TABLE translations (
        session_id text NOT NULL,
        segment_id text NOT NULL,
        language_code text NOT NULL,
        event_number bigint NOT NULL CHECK (event_number > 0),
        start_sample bigint NOT NULL CHECK (start_sample >= 0),
        end_sample bigint NOT NULL CHECK (end_sample >= start_sample),
        text text NOT NULL,
        model text NOT NULL,
        lag_ms double precision NOT NULL,
        hop_times_ms jsonb NOT NULL,
        traceparent text NOT NULL,
        PRIMARY KEY (session_id, segment_id, language_code),
        UNIQUE (session_id, event_number),
        FOREIGN KEY (session_id, segment_id) REFERENCES segments ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    """Creates the tables."""
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Drops the tables."""
    op.execute("DROP TABLE translations, segments, sessions")
