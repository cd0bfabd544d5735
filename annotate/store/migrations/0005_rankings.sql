-- The best that an analysis under way has found so far.
CREATE TABLE rankings (
	recording_id TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
	pass         INTEGER NOT NULL CHECK (pass > 0),
	sum          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
