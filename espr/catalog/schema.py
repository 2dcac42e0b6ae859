"""The tables of a library, and the checksums by which a flipped byte is found before it is served.

Vectors are little-endian: profiles and features float32, times float64 seconds. Paths are
the bytes of the file system, because a file name need not be UTF-8.

Every row carries the CRC-32 of its contents, its table and its id included. A checksum does
not tell that a row is missing, so sums of checksums are kept where rows are read together:
over the recordings of a piece, over the profiles of a recording, and over whole tables
(``totals``). All of these are kept by triggers, so no writer can forget them. A pair of rows
can vanish unnoticed only when their checksums cancel out.
"""

from __future__ import annotations

import zlib

from espr.catalog import name_words

APPLICATION_ID = 0x45535052  # "ESPR"
FORMAT = 4
OLDEST_FORMAT = 3  # that is brought up to date: it lacks the tables of `_ADDED`

# Table → the columns of which its rows' checksums are.
SEALED = {
    # espr: the version that made the file; id: 32 random digits; generation: a count of the
    # transactions; stamp: random, of the last one; grouped: see pieces.bring_up_to_date
    "meta": ("key", "value"),
    "pieces": ("id", "key", "slug", "title", "composer", "rule"),
    "recordings": (
        *("id", "path", "start", '"end"', "size", "mtime_ns", "state", "reason", "encoder"),
        *("espr", "audio_hash", "duration", "tags"),
        *("piece_id", "rule", "title", "performer", "duplicate_of"),
    ),
    "profiles": ("recording_id", "encoder", "space", "profile"),
    "windows": ("recording_id", "encoder", "times", "features"),
    "notes": ("id", "encoder", "notes"),
    "note_vectors": ("id", "compared", "vector"),
    "alignments": ("id", "one", "other", "kind", "comparison"),
    "manifest": ("path", "piece", "performer", "source"),
    "renamed": ("key", "title"),
    "merged": ("key", "into_key"),
    "assigned": ("audio_hash", "key"),
    "aliases": ("slug", "key"),
}
SOUND = ("notes", "note_vectors", "alignments")  # what pieces are recognised by
CORRECTIONS = ("manifest", "renamed", "merged", "assigned", "aliases")

_TABLES = (
    "CREATE TABLE totals (name TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER NOT NULL)"
    " WITHOUT ROWID",
    """CREATE TABLE meta (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID""",
    """CREATE TABLE pieces (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,  -- the grouping key, to which corrections refer
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    composer TEXT NOT NULL,
    rule TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    members INTEGER NOT NULL DEFAULT 0,  -- its recordings,
    copies INTEGER NOT NULL DEFAULT 0,  -- those that are copies of another,
    ids INTEGER NOT NULL DEFAULT 0,  -- the sum of their ids,
    sum INTEGER NOT NULL DEFAULT 0  -- and of their checksums
)""",
    """CREATE TABLE recordings (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    start REAL NOT NULL,  -- seconds; a track of a one-file album, else 0
    "end" REAL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('analysed', 'unreadable')),
    reason TEXT NOT NULL,
    encoder TEXT NOT NULL,  -- the one that heard it last, or failed to,
    espr TEXT NOT NULL,  -- and the version of ESPR
    audio_hash TEXT NOT NULL,
    duration REAL NOT NULL,
    tags TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0,
    profile_sum INTEGER NOT NULL DEFAULT 0,  -- of the checksums of its profiles
    -- what grouping derives
    piece_id INTEGER REFERENCES pieces (id),
    rule TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    performer TEXT NOT NULL DEFAULT '',
    duplicate_of INTEGER REFERENCES recordings (id) ON DELETE SET NULL,
    UNIQUE (path, start)
)""",
    # with the second column, counting performances reads the index alone
    "CREATE INDEX recordings_of_piece ON recordings (piece_id, duplicate_of)",
    "CREATE INDEX recordings_of_audio ON recordings (audio_hash)",
    "CREATE INDEX recordings_duplicated ON recordings (duplicate_of)"
    " WHERE duplicate_of IS NOT NULL",
    # Apart from the windows: a search reads every profile, 48 bytes each, and no window.
    """CREATE TABLE profiles (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    space TEXT NOT NULL,
    profile BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
) WITHOUT ROWID""",
    """CREATE TABLE windows (
    recording_id INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    times BLOB NOT NULL,
    features BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (recording_id, encoder)
)""",
    # What the user said. Never keyed by row: a row comes and goes with its file.
    """CREATE TABLE manifest (
    path BLOB PRIMARY KEY,
    piece TEXT NOT NULL,
    performer TEXT NOT NULL,
    source BLOB NOT NULL,  -- the manifest it was read from
    checksum INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID""",
    *(
        f"CREATE TABLE {table} ({SEALED[table][0]} TEXT PRIMARY KEY, {SEALED[table][1]} TEXT"
        " NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID"
        for table in ("renamed", "merged", "assigned", "aliases")
    ),
)

_ADDED = (
    # What is played, see `espr.alignment.packed_notes`; `id` is that of the recording.
    """CREATE TABLE notes (
    id INTEGER PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,  -- the one that wrote them down
    notes BLOB NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0
)""",
    # Apart from the notes: a new recording is compared with every vector, 512 bytes each.
    """CREATE TABLE note_vectors (
    id INTEGER PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
    compared INTEGER NOT NULL,  -- 0: not yet; 1: with its neighbours; 2: and grouped by that
    vector BLOB NOT NULL,  -- 256 float16
    checksum INTEGER NOT NULL DEFAULT 0
)""",
    "CREATE INDEX note_vectors_pending ON note_vectors (compared) WHERE compared != 2",
    # Pairs of recordings that were compared and are of one piece, or sound as if they were.
    """CREATE TABLE alignments (
    id INTEGER PRIMARY KEY,
    one INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    other INTEGER NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,  -- the larger id
    kind TEXT NOT NULL,
    comparison TEXT NOT NULL,  -- JSON, see `espr.alignment.comparison`
    checksum INTEGER NOT NULL DEFAULT 0,
    UNIQUE (one, other)
)""",
    "CREATE INDEX alignments_of_other ON alignments (other)",
)


def crc(table: str, row: str = "") -> str:
    """SQL for the checksum of a row of ``table``; ``row``: ``NEW`` in a trigger."""
    columns = SEALED[table]
    return f"crc('{table}', " + ", ".join(f"{row}.{c}" if row else c for c in columns) + ")"


def _count(name: str, count: str, checksum: str) -> str:
    return (
        f"INSERT INTO totals VALUES ({name}, {count}, {checksum}) ON CONFLICT (name) DO UPDATE"
        " SET count = count + excluded.count, sum = sum + excluded.sum;"
    )


def _seal(table: str) -> tuple[str, ...]:
    """Triggers that keep the checksums of a small table, and its total."""
    columns = ", ".join(SEALED[table])
    key = SEALED[table][0]
    seal = f"UPDATE {table} SET checksum = {crc(table, 'NEW')} WHERE {key} = NEW.{key};"
    now = f"(SELECT checksum FROM {table} WHERE {key} = NEW.{key})"
    name = f"'{table}'"
    return (
        f"CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {seal} "
        + _count(name, "1", now)
        + " END",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE OF {columns} ON {table} BEGIN {seal} "
        + _count(name, "0", f"{now} - OLD.checksum")
        + " END",
        f"CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN "
        + _count(name, "-1", "-OLD.checksum")
        + " END",
    )


def _seal_recordings() -> tuple[str, ...]:
    """Triggers that keep the checksums of recordings, their totals, and the sums of pieces."""
    columns = ", ".join(SEALED["recordings"])
    seal = f"UPDATE recordings SET checksum = {crc('recordings', 'NEW')} WHERE id = NEW.id;"
    now = "(SELECT checksum FROM recordings WHERE id = NEW.id)"
    joined = (
        "UPDATE pieces SET members = members + 1, ids = ids + NEW.id,"
        f" copies = copies + (NEW.duplicate_of IS NOT NULL), sum = sum + {now}"
        " WHERE id = NEW.piece_id;" + _count("'recordings ' || NEW.state", "1", now)
    )
    left = (
        "UPDATE pieces SET members = members - 1, ids = ids - OLD.id,"
        " copies = copies - (OLD.duplicate_of IS NOT NULL), sum = sum - OLD.checksum"
        " WHERE id = OLD.piece_id;" + _count("'recordings ' || OLD.state", "-1", "-OLD.checksum")
    )
    return (
        f"CREATE TRIGGER recordings_added AFTER INSERT ON recordings BEGIN {seal} {joined} END",
        f"CREATE TRIGGER recordings_changed AFTER UPDATE OF {columns} ON recordings BEGIN"
        f" {seal} {left} {joined} END",
        f"CREATE TRIGGER recordings_removed AFTER DELETE ON recordings BEGIN {left} END",
    )


def _sum_profiles() -> tuple[str, ...]:
    """Triggers that keep the sums of profiles; their rows come with their checksums."""
    return tuple(
        f"CREATE TRIGGER profiles_{name} AFTER {event} ON profiles BEGIN"
        f" UPDATE recordings SET profile_sum = profile_sum {sign} {row}.checksum"
        f" WHERE id = {row}.recording_id; "
        + _count(f"'profiles ' || {row}.encoder", f"{sign}1", f"{sign}{row}.checksum")
        + " END"
        for name, event, sign, row in (
            ("added", "INSERT", "+", "NEW"),
            ("removed", "DELETE", "-", "OLD"),
        )
    )


OLDEST_STATEMENTS = (
    *_TABLES,
    *(statement for table in ("meta", "pieces", *CORRECTIONS) for statement in _seal(table)),
    *_seal_recordings(),
    *_sum_profiles(),
    *name_words.STATEMENTS,
)
ADDED_STATEMENTS = (*_ADDED, *(statement for table in SOUND for statement in _seal(table)))
STATEMENTS = (*OLDEST_STATEMENTS, *ADDED_STATEMENTS)
# For reading a library that lacks them: it has nothing in them.
STAND_INS = tuple(
    statement.replace("CREATE TABLE", "CREATE TEMP TABLE", 1)
    for statement in _ADDED
    if statement.startswith("CREATE TABLE")
)


def checksum(*fields: object) -> int:
    """CRC-32 of fields (str, bytes, int, float or None): of a row, its table's name first."""
    return zlib.crc32(repr(fields).encode("utf-8", "surrogatepass"))


def storable(text: str) -> str:
    """``text`` as UTF-8 can hold it: bytes of a file name that are no text become "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
