-- A visit need not be of a case: one is made for each film that names none.
DROP INDEX visits_by_case;
ALTER TABLE visits ADD COLUMN of_case TEXT REFERENCES cases (id);
UPDATE visits SET of_case = case_id;
ALTER TABLE visits DROP COLUMN case_id;
ALTER TABLE visits RENAME COLUMN of_case TO case_id;
CREATE INDEX visits_by_case ON visits (case_id);

-- Every recording has a visit.
INSERT INTO visits (id, day, created_ms)
	SELECT id, date(submitted_ms / 1000, 'unixepoch', 'localtime'), submitted_ms FROM recordings WHERE visit_id IS NULL;
UPDATE recordings SET visit_id = id WHERE visit_id IS NULL;
CREATE TRIGGER recordings_have_visits BEFORE INSERT ON recordings WHEN NEW.visit_id IS NULL
	BEGIN SELECT raise(ABORT, 'a recording needs a visit'); END;

-- The journal of what people have decided about a visit's films. A row stays where
-- what it changed was removed with a recording, so that places are not given again.
CREATE TABLE edits (
	visit_id TEXT NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
	place    INTEGER NOT NULL,
	id       TEXT NOT NULL, -- that its maker gave it
	made_by  TEXT NOT NULL, -- a browser; empty: nobody, a part of the journal was removed
	kind     TEXT NOT NULL CHECK (kind IN ('do', 'undo', 'redo', 'removed')),
	hollow   INTEGER NOT NULL DEFAULT 0 CHECK (hollow IN (0, 1)), -- all that it changed was removed
	made_ms  INTEGER NOT NULL,
	PRIMARY KEY (visit_id, place),
	UNIQUE (visit_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX edits_by_maker ON edits (visit_id, made_by, hollow, place, kind); -- all that undoing looks at

-- Values are JSON; NULL: nobody has said anything.
CREATE TABLE changes (
	visit_id TEXT NOT NULL,
	place    INTEGER NOT NULL,
	number   INTEGER NOT NULL, -- in the edit
	entity   TEXT NOT NULL,
	field    TEXT NOT NULL,
	was      TEXT,
	became   TEXT,
	owner    INTEGER NOT NULL, -- place of the edit whose value it is then: an undo gives a field back to who had it before
	PRIMARY KEY (visit_id, place, number),
	FOREIGN KEY (visit_id, place) REFERENCES edits (visit_id, place) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_by_field ON changes (visit_id, entity, field, place);
-- What is about a recording says so in a field: so it is found.
CREATE INDEX changes_of_recordings ON changes (visit_id, entity, was, became) WHERE field = 'recording';

-- What the journal comes to.
CREATE TABLE facts (
	visit_id TEXT NOT NULL REFERENCES visits (id) ON DELETE CASCADE,
	entity   TEXT NOT NULL,
	field    TEXT NOT NULL,
	value    TEXT NOT NULL,
	PRIMARY KEY (visit_id, entity, field)
) STRICT, WITHOUT ROWID;
