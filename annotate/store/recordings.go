package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"dyade/annotate/blob"
)

// Queue is how soon a recording is worked on.
type Queue string

// Queues, the most urgent first: someone waits for it, someone will look for it,
// one of many.
const (
	Interactive Queue = "interactive"
	Default     Queue = "default"
	Batch       Queue = "batch"
)

// State is what became of a recording.
type State string

// States.
const (
	Working   State = "working"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Recording is a film in the store, and how far its analysis is.
type Recording struct {
	ID        string
	Visit     string
	Sum       blob.Sum
	Name      string
	SizeBytes int64
	Queue     Queue
	State     State
	Failure   string // the reason's code where it failed
	Probe     []byte // JSON of annotate.Recording; nil: not known yet
	Duration  time.Duration
	Submitted time.Time
	Changed   time.Time
	StepsDone int // of those known so far
	Steps     int
	Ranked    int // the pass of the best ranking of an analysis under way; 0: there is none
}

// Submission is a film to be analysed, which the media store has.
type Submission struct {
	Sum       blob.Sum
	Name      string
	SizeBytes int64
	Queue     Queue
	Visit     string // one that is not there, or none: it gets its own
	First     NewStep
}

// Submit takes films in, all or none. Of each it gives the recording's id: that of
// the one there is already where the film was submitted before.
func (s *Store) Submit(ctx context.Context, films ...Submission) (ids []string, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		ids = ids[:0]
		for _, f := range films {
			id, err := s.submit(ctx, tx, f)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("submit a recording: %w", err)
	}
	return ids, nil
}

func (s *Store) submit(ctx context.Context, tx *sql.Tx, f Submission) (id string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id FROM recordings WHERE sum = ?", f.Sum).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	visit, err := s.visitFor(ctx, tx, f)
	if err != nil {
		return "", err
	}
	id = newID()
	_, err = tx.ExecContext(ctx, `INSERT INTO recordings (id, visit_id, sum, name, size_bytes, queue, state, submitted_ms, changed_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, visit, f.Sum, f.Name, f.SizeBytes, f.Queue, Working, s.ms(), s.ms())
	if err != nil {
		return "", err
	}
	if err := need(ctx, tx, id, lasting, f.Sum); err != nil {
		return "", err
	}
	_, err = addStep(ctx, tx, id, f.First, "", 0, nil, 0)
	return id, err
}

// visitFor is the visit that a film is of: the one that it names, if it is there, or
// one of its own.
func (s *Store) visitFor(ctx context.Context, tx *sql.Tx, f Submission) (id string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id FROM visits WHERE id = ?", f.Visit).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	v, err := s.createVisit(ctx, tx, "", s.today())
	return v.ID, err
}

const selectRecordings = `SELECT id, visit_id, sum, name, size_bytes, queue, state, failure, probe, duration_ms,
	submitted_ms, changed_ms,
	(SELECT count(*) FROM steps WHERE recording_id = r.id AND state = 'done'),
	(SELECT count(*) FROM steps WHERE recording_id = r.id),
	coalesce((SELECT pass FROM rankings WHERE recording_id = r.id), 0)
	FROM recordings r`

func readRecording(scan func(...any) error) (r Recording, err error) {
	var duration, submitted, changed int64
	err = scan(&r.ID, &r.Visit, &r.Sum, &r.Name, &r.SizeBytes, &r.Queue, &r.State, &r.Failure, &r.Probe, &duration,
		&submitted, &changed, &r.StepsDone, &r.Steps, &r.Ranked)
	r.Duration = time.Duration(duration) * time.Millisecond
	r.Submitted, r.Changed = time.UnixMilli(submitted), time.UnixMilli(changed)
	return r, err
}

// Recordings lists all, the latest submitted first.
func (s *Store) Recordings(ctx context.Context) ([]Recording, error) {
	all, err := list(ctx, s.db, readRecording, selectRecordings+" ORDER BY submitted_ms DESC, id")
	if err != nil {
		return nil, fmt.Errorf("list the recordings: %w", err)
	}
	return all, nil
}

// DoneSince lists those whose analysis was done after a time, the latest first.
func (s *Store) DoneSince(ctx context.Context, when time.Time) ([]Recording, error) {
	all, err := list(ctx, s.db, readRecording, selectRecordings+" WHERE state = 'done' AND changed_ms > ? ORDER BY changed_ms DESC, id", when.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("list the recordings that are done: %w", err)
	}
	return all, nil
}

// Recording gives one by its id; the error wraps ErrMissing where there is none.
func (s *Store) Recording(ctx context.Context, id string) (Recording, error) {
	r, err := readRecording(s.db.QueryRowContext(ctx, selectRecordings+" WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err != nil {
		return Recording{}, fmt.Errorf("look for recording %s: %w", id, err)
	}
	return r, nil
}

// HasFilm tells whether there is a recording of a film.
func (s *Store) HasFilm(ctx context.Context, sum blob.Sum) (has bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM recordings WHERE sum = ?)", sum).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for the recording of film %s: %w", sum, err)
	}
	return has, nil
}

// Files of a recording by their names: what its analysis gave.
func (s *Store) Files(ctx context.Context, id string) (map[string]blob.Sum, error) {
	files := map[string]blob.Sum{}
	_, err := list(ctx, s.db, func(scan func(...any) error) (struct{}, error) {
		var name string
		var sum blob.Sum
		err := scan(&name, &sum)
		files[name] = sum
		return struct{}{}, err
	}, "SELECT name, sum FROM files WHERE recording_id = ?", id)
	if err != nil {
		return nil, fmt.Errorf("list the files of recording %s: %w", id, err)
	}
	return files, nil
}

// Ranking gives the best ranking of an analysis under way; the error wraps ErrMissing
// where there is none.
func (s *Store) Ranking(ctx context.Context, id string) (sum blob.Sum, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT sum FROM rankings WHERE recording_id = ?", id).Scan(&sum)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err != nil {
		return "", fmt.Errorf("look for a ranking of recording %s: %w", id, err)
	}
	return sum, nil
}

// Ended is what a recording leaves whose work has ended.
type Ended struct {
	Attempts []string   // that were under way, and no longer count
	Unneeded []blob.Sum // in the media store
}

// Cancel stops the work on a recording. One that is not being worked on stays as
// it is.
func (s *Store) Cancel(ctx context.Context, id string) (e Ended, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		e, err = s.end(ctx, tx, id, Cancelled, "")
		return err
	})
	if err != nil {
		return Ended{}, fmt.Errorf("cancel recording %s: %w", id, err)
	}
	return e, nil
}

// end takes a recording out of work, and with it its steps and what they gave.
func (s *Store) end(ctx context.Context, tx *sql.Tx, id string, state State, failure string) (e Ended, err error) {
	res, err := tx.ExecContext(ctx, "UPDATE recordings SET state = ?, failure = ?, changed_ms = ? WHERE id = ? AND state = ?",
		state, failure, s.ms(), id, Working)
	if err != nil {
		return e, err
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return e, err
	case n == 0:
		return e, s.mustBe(ctx, tx, id)
	}
	e.Attempts, err = column[string](ctx, tx, "SELECT attempt FROM steps WHERE recording_id = ? AND attempt IS NOT NULL", id)
	if err != nil {
		return e, err
	}
	for _, q := range []string{"DELETE FROM steps WHERE recording_id = ?", "DELETE FROM rankings WHERE recording_id = ?"} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return e, err
		}
	}
	e.Unneeded, err = forgo(ctx, tx, id, passing)
	return e, err
}

func (s *Store) mustBe(ctx context.Context, tx *sql.Tx, id string) error {
	err := tx.QueryRowContext(ctx, "SELECT id FROM recordings WHERE id = ?", id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing
	}
	return err
}

// Retry starts anew the analysis of a recording that failed or was cancelled.
func (s *Store) Retry(ctx context.Context, id string, first NewStep) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE recordings SET state = ?, failure = '', changed_ms = ? WHERE id = ? AND state IN (?, ?)",
			Working, s.ms(), id, Failed, Cancelled)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, s.mustBe(ctx, tx, id))
		}
		_, err = addStep(ctx, tx, id, first, "", 0, nil, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("retry recording %s: %w", id, err)
	}
	return nil
}

// Delete forgets a recording and all that came of it; Forget is to follow.
func (s *Store) Delete(ctx context.Context, id string) (e Ended, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if e, err = s.end(ctx, tx, id, Cancelled, ""); err != nil {
			return err
		}
		unneeded, err := forgo(ctx, tx, id, lasting)
		if err != nil {
			return err
		}
		e.Unneeded = append(e.Unneeded, unneeded...)
		if unneeded, err = forgetReel(ctx, tx, id); err != nil {
			return err
		}
		e.Unneeded = append(e.Unneeded, unneeded...)
		return s.remove(ctx, tx, id)
	})
	if err != nil {
		return Ended{}, fmt.Errorf("delete recording %s: %w", id, err)
	}
	return e, nil
}

// remove takes a recording out of its visit and its review, and then away.
func (s *Store) remove(ctx context.Context, tx *sql.Tx, id string) error {
	if err := s.forgetAbout(ctx, tx, id); err != nil {
		return err
	}
	var visit string
	if err := tx.QueryRowContext(ctx, "DELETE FROM recordings WHERE id = ? RETURNING visit_id", id).Scan(&visit); err != nil {
		return err
	}
	return leaveVisit(ctx, tx, visit)
}

// Forget takes what was deleted out of the log that SQLite writes first; false
// where someone who reads the database keeps it from that: try again.
func (s *Store) Forget(ctx context.Context) (done bool, err error) {
	var busy, pages, moved int
	err = s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err != nil {
		return false, fmt.Errorf("take what was deleted out of the database's log: %w", err)
	}
	return busy == 0, nil
}

// lasting is how long a need lasts: until the recording is deleted, or else until
// its analysis is done.
const lasting, passing = true, false

func need(ctx context.Context, tx *sql.Tx, id string, lasts bool, sums ...blob.Sum) error {
	for _, sum := range sums {
		_, err := tx.ExecContext(ctx, `INSERT INTO needs (sum, recording_id, lasting) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET lasting = max(lasting, excluded.lasting)`, sum, id, lasts)
		if err != nil {
			return err
		}
	}
	return nil
}

// forgo ends a recording's needs of a kind, and gives what nobody needs any more.
func forgo(ctx context.Context, tx *sql.Tx, id string, lasts bool) ([]blob.Sum, error) {
	unneeded, err := column[blob.Sum](ctx, tx, `SELECT sum FROM needs n WHERE recording_id = ? AND lasting = ?
		AND NOT EXISTS (SELECT 1 FROM needed o WHERE o.sum = n.sum AND o.recording_id IS NOT n.recording_id)`, id, lasts)
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM needs WHERE recording_id = ? AND lasting = ?", id, lasts)
	return unneeded, err
}

// Needed tells whether any recording, or any visit's reel, needs a blob.
func (s *Store) Needed(ctx context.Context, sum blob.Sum) (needed bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM needed WHERE sum = ?)", sum).Scan(&needed)
	if err != nil {
		return false, fmt.Errorf("look who needs %s: %w", sum, err)
	}
	return needed, nil
}

// NeededBy lists the recordings that need a blob, themselves or in their visit's reel.
func (s *Store) NeededBy(ctx context.Context, sum blob.Sum) ([]Recording, error) {
	all, err := list(ctx, s.db, readRecording, selectRecordings+
		" WHERE id IN (SELECT recording_id FROM needed WHERE sum = ?1) OR visit_id IN (SELECT visit_id FROM needed WHERE sum = ?1) ORDER BY submitted_ms DESC, id", sum)
	if err != nil {
		return nil, fmt.Errorf("look who needs %s: %w", sum, err)
	}
	return all, nil
}

// AllNeeded lists what any recording, or any visit's reel, needs in the media store.
func (s *Store) AllNeeded(ctx context.Context) ([]blob.Sum, error) {
	all, err := column[blob.Sum](ctx, s.db, "SELECT DISTINCT sum FROM needed ORDER BY sum")
	if err != nil {
		return nil, fmt.Errorf("list what recordings need: %w", err)
	}
	return all, nil
}
