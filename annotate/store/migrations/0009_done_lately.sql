-- Those whose analysis was done lately are looked for at each change.
CREATE INDEX recordings_by_state ON recordings (state, changed_ms);
