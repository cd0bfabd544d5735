-- What was taken in from watched folders, so that it is not taken in again, also
-- where its recording was deleted. There is no name and no path here: the texts are
-- HMACs, of what nobody guesses: a file's size and time to the nanosecond are in them.
CREATE TABLE traces (
	key          TEXT PRIMARY KEY, -- of where a file lies, its size and its time
	file         TEXT NOT NULL,    -- of the file wherever it is moved to, its size and its time
	place        TEXT NOT NULL,    -- of where it lies
	recording_id TEXT REFERENCES recordings (id) ON DELETE SET NULL, -- that was made of it; none: it was there before, or is deleted
	taken_ms     INTEGER NOT NULL,
	seen_ms      INTEGER NOT NULL  -- when the file was last known to be there
) STRICT, WITHOUT ROWID;
CREATE INDEX traces_by_file ON traces (file);
CREATE INDEX traces_by_place ON traces (place);
CREATE INDEX traces_by_recording ON traces (recording_id);
CREATE INDEX traces_by_seen ON traces (seen_ms);

CREATE TABLE trace_key (
	id  INTEGER PRIMARY KEY CHECK (id = 1),
	key BLOB NOT NULL
) STRICT;
