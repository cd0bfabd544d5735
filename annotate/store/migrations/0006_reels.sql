-- The reel of a visit: what is to be rendered, and what was rendered last.
CREATE TABLE reels (
	visit_id   TEXT PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
	job        TEXT UNIQUE, -- the rendering that is asked for; NULL: none is
	plan       TEXT,        -- what that is to show, as JSON
	asked_ms   INTEGER NOT NULL,
	crashes    INTEGER NOT NULL DEFAULT 0, -- of that rendering
	failure    TEXT NOT NULL DEFAULT '',   -- why the last one ended without a film: a reason's code
	film       TEXT, -- what was rendered last: a sum
	provenance TEXT, -- of that: a sum
	shows      TEXT, -- the plan of that
	CHECK ((job IS NULL) = (plan IS NULL)),
	CHECK ((film IS NULL) = (shows IS NULL) AND (film IS NULL) = (provenance IS NULL))
) STRICT, WITHOUT ROWID;

-- All that is needed in the media store, and for which recording, or which visit's reel.
CREATE VIEW needed (sum, recording_id, visit_id) AS
	SELECT sum, recording_id, NULL FROM needs
	UNION ALL SELECT film, NULL, visit_id FROM reels WHERE film IS NOT NULL
	UNION ALL SELECT provenance, NULL, visit_id FROM reels WHERE film IS NOT NULL;
CREATE INDEX reels_by_film ON reels (film) WHERE film IS NOT NULL;
CREATE INDEX reels_by_provenance ON reels (provenance) WHERE film IS NOT NULL;
