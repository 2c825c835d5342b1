"""Sessions that survive their streams: owners, positions, windows; retention; stored audio and speech."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    # Nobody holds a token of the sessions that were running: they cannot be resumed.
    "UPDATE sessions SET state = 'interrupted', end_time = greatest(now(), start_time) WHERE state = 'active'",
    "ALTER TABLE sessions DROP CONSTRAINT sessions_state_check, DROP CONSTRAINT sessions_check1",
    """
    ALTER TABLE sessions
        ADD token_hash bytea NOT NULL DEFAULT '',
        ADD generation bigint NOT NULL DEFAULT 1 CHECK (generation > 0),
        ADD replica_id text NOT NULL DEFAULT '',
        ADD position_sample bigint NOT NULL DEFAULT 0 CHECK (position_sample >= 0),
        ADD position_state bytea NOT NULL DEFAULT '',
        ADD targets jsonb NOT NULL DEFAULT '[]',
        ADD resume_until timestamptz,
        ADD retention_seconds bigint CHECK (retention_seconds >= 0),
        ADD expire_time timestamptz,
        ADD store_audio boolean NOT NULL DEFAULT false,
        ADD store_speech boolean NOT NULL DEFAULT false,
        ADD CONSTRAINT sessions_state CHECK (state IN ('active', 'suspended', 'completed', 'interrupted')),
        ADD CONSTRAINT sessions_end CHECK ((state IN ('active', 'suspended')) = (end_time IS NULL)),
        ADD CONSTRAINT sessions_window CHECK ((state = 'suspended') = (resume_until IS NOT NULL)),
        ADD CONSTRAINT sessions_expiry CHECK (expire_time >= end_time)
    """,
    "CREATE INDEX sessions_of_replica ON sessions (replica_id) WHERE state = 'active'",
    "CREATE INDEX sessions_to_interrupt ON sessions (resume_until) WHERE state = 'suspended'",
    "CREATE INDEX sessions_to_delete ON sessions (expire_time) WHERE expire_time IS NOT NULL",
    "ALTER TABLE segments DROP decoder_state, ADD target_language_codes jsonb NOT NULL DEFAULT '[]'",
    """
    CREATE TABLE replicas (
        replica_id text PRIMARY KEY CHECK (replica_id <> ''),
        beat_count bigint NOT NULL,
        beat_time timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE audio_pieces (
        session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
        start_sample bigint NOT NULL CHECK (start_sample >= 0),
        audio bytea NOT NULL CHECK (length(audio) > 0 AND length(audio) % 2 = 0),
        PRIMARY KEY (session_id, start_sample)
    )
    """,
    """
    CREATE TABLE speech_pieces (
        session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
        segment_id text NOT NULL,
        language_code text NOT NULL,
        sample_rate_hertz integer NOT NULL CHECK (sample_rate_hertz > 0),
        audio bytea NOT NULL CHECK (length(audio) % 2 = 0),
        PRIMARY KEY (session_id, language_code, segment_id)
    )
    """,
    # Samples do not compress; trying to costs time.
    "ALTER TABLE audio_pieces ALTER audio SET STORAGE EXTERNAL",
    "ALTER TABLE speech_pieces ALTER audio SET STORAGE EXTERNAL",
)


def upgrade() -> None:
    """Adds the columns and tables."""
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not possible: a suspended session has no place in the schema before."""
    raise NotImplementedError("restore a backup from before the upgrade")
