-- Recordings are listed with how many of their steps are done, at each change.
CREATE INDEX steps_by_recording ON steps (recording_id, state);
