-- Times are milliseconds since 1970, UTC. Sums are sha256 in hexadecimal digits,
-- by which the media store finds what they are of.

CREATE TABLE cases (
	id         TEXT PRIMARY KEY,
	label      TEXT NOT NULL CHECK (label <> ''), -- what the practitioner calls it
	created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE visits (
	id         TEXT PRIMARY KEY,
	case_id    TEXT NOT NULL REFERENCES cases (id),
	day        TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
	created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX visits_by_case ON visits (case_id);

CREATE TABLE recordings (
	id           TEXT PRIMARY KEY,
	visit_id     TEXT REFERENCES visits (id),
	sum          TEXT NOT NULL UNIQUE, -- of the film: the same film twice is one recording
	name         TEXT NOT NULL,
	size_bytes   INTEGER NOT NULL,
	queue        TEXT NOT NULL CHECK (queue IN ('interactive', 'default', 'batch')),
	state        TEXT NOT NULL CHECK (state IN ('working', 'done', 'failed', 'cancelled')),
	failure      TEXT NOT NULL DEFAULT '' CHECK ((failure <> '') = (state = 'failed')), -- a reason's code
	probe        TEXT, -- what the film is, as JSON
	duration_ms  INTEGER NOT NULL DEFAULT 0, -- 0: not known yet
	submitted_ms INTEGER NOT NULL,
	changed_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX recordings_by_visit ON recordings (visit_id);

-- Pieces of the work on a recording that is being analysed. A step is blocked
-- until those that it awaits are done, then ready, then queued under the name of
-- an attempt, of which only the latest counts.
CREATE TABLE steps (
	id           INTEGER PRIMARY KEY,
	recording_id TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
	key          TEXT NOT NULL,    -- of its name, version and inputs
	name         TEXT NOT NULL,
	wave         TEXT NOT NULL,    -- sum of the list that it stands in; empty: none
	place        INTEGER NOT NULL, -- in that list
	state        TEXT NOT NULL CHECK (state IN ('blocked', 'ready', 'queued', 'done')),
	awaiting     INTEGER NOT NULL CHECK (awaiting >= 0 AND (awaiting > 0) = (state = 'blocked')),
	awaited_by   INTEGER REFERENCES steps (id) ON DELETE CASCADE,
	not_before_ms INTEGER NOT NULL DEFAULT 0,
	attempt      TEXT UNIQUE CHECK ((attempt IS NOT NULL) = (state = 'queued')),
	attempts     INTEGER NOT NULL DEFAULT 0,
	failures     INTEGER NOT NULL DEFAULT 0, -- attempts that failed for what may pass
	crashes      INTEGER NOT NULL DEFAULT 0, -- attempts that took native code down
	result       TEXT CHECK ((result IS NOT NULL) = (state = 'done')),
	UNIQUE (recording_id, key)
) STRICT;
CREATE INDEX steps_by_state ON steps (state, not_before_ms);
CREATE INDEX steps_by_awaiter ON steps (awaited_by);

-- What an analysis gave: moments.json and its like.
CREATE TABLE files (
	recording_id TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	sum          TEXT NOT NULL,
	PRIMARY KEY (recording_id, name)
) STRICT;

-- Which recording needs what in the media store: what none needs is removed.
CREATE TABLE needs (
	sum          TEXT NOT NULL,
	recording_id TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
	lasting      INTEGER NOT NULL CHECK (lasting IN (0, 1)), -- 0: until the analysis is done
	PRIMARY KEY (sum, recording_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX needs_by_recording ON needs (recording_id);
