package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"dyade/annotate/blob"
)

// NewStep is a piece of work to be done on a recording.
type NewStep struct {
	Key  string // of its name, version and inputs: one recording has a step once
	Name string
}

// Attempt is one try at a step.
type Attempt struct {
	ID        string
	Recording string
	Film      blob.Sum
	Duration  time.Duration // of the film; 0: not known yet
	Submitted time.Time     // the film
	Queue     Queue
	Key       string
	Name      string
	Wave      blob.Sum // the list of steps that it stands in; empty: none
	Place     int      // in that list
	Number    int      // of the step's attempts: 1, 2…
	Failures  int      // of those before it that failed
	Crashes   int      // of those before it that took native code down
}

const selectAttempts = `SELECT coalesce(attempt, ''), recording_id, r.sum, duration_ms, submitted_ms, queue, key, s.name, wave, place, attempts,
	failures, crashes FROM steps s JOIN recordings r ON r.id = s.recording_id`

func readAttempt(scan func(...any) error) (a Attempt, err error) {
	var duration, submitted int64
	err = scan(&a.ID, &a.Recording, &a.Film, &duration, &submitted, &a.Queue, &a.Key, &a.Name, &a.Wave, &a.Place, &a.Number, &a.Failures, &a.Crashes)
	a.Duration, a.Submitted = time.Duration(duration)*time.Millisecond, time.UnixMilli(submitted)
	return a, err
}

// MostPause is how long a step may be made to wait before it is tried again.
const MostPause = 2 * time.Minute

// Claim takes up to so many steps that are ready and gives each a new attempt, the
// most urgent and oldest first. One that is to wait longer than any may was put off
// by a clock that has jumped since.
func (s *Store) Claim(ctx context.Context, most int) (claimed []Attempt, err error) {
	// Most looks find nothing, and are to keep nobody from writing.
	if ids, err := s.ready(ctx, s.db, 1); err != nil || len(ids) == 0 {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		ids, err := s.ready(ctx, tx, most)
		if err != nil {
			return err
		}
		claimed = make([]Attempt, 0, len(ids))
		for _, id := range ids {
			_, err := tx.ExecContext(ctx, "UPDATE steps SET state = 'queued', attempt = ?, attempts = attempts + 1 WHERE id = ?", newID(), id)
			if err != nil {
				return err
			}
			a, err := readAttempt(tx.QueryRowContext(ctx, selectAttempts+" WHERE s.id = ?", id).Scan)
			if err != nil {
				return err
			}
			claimed = append(claimed, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim steps: %w", err)
	}
	return claimed, nil
}

// ready lists up to so many steps that may be claimed.
func (s *Store) ready(ctx context.Context, q queryer, most int) ([]int64, error) {
	ids, err := column[int64](ctx, q, `SELECT s.id FROM steps s JOIN recordings r ON r.id = s.recording_id
		WHERE s.state = 'ready' AND not_before_ms NOT BETWEEN ? + 1 AND ? + ?
		ORDER BY CASE queue WHEN 'interactive' THEN 0 WHEN 'default' THEN 1 ELSE 2 END, s.id LIMIT ?`,
		s.ms(), s.ms(), MostPause.Milliseconds(), most)
	if err != nil {
		return nil, fmt.Errorf("look which steps are ready: %w", err)
	}
	return ids, nil
}

// Queued lists the attempts that count.
func (s *Store) Queued(ctx context.Context) ([]Attempt, error) {
	all, err := list(ctx, s.db, readAttempt, selectAttempts+" WHERE s.state = 'queued' ORDER BY s.id")
	if err != nil {
		return nil, fmt.Errorf("list the attempts under way: %w", err)
	}
	return all, nil
}

// Attempt gives one that counts; the error wraps ErrMissing where it does not.
func (s *Store) Attempt(ctx context.Context, id string) (Attempt, error) {
	a, err := readAttempt(s.db.QueryRowContext(ctx, selectAttempts+" WHERE attempt = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err != nil {
		return Attempt{}, fmt.Errorf("look for an attempt: %w", err)
	}
	return a, nil
}

// Results gives what the done steps of a recording gave, by their keys.
func (s *Store) Results(ctx context.Context, recording string) (map[string]blob.Sum, error) {
	results := map[string]blob.Sum{}
	_, err := list(ctx, s.db, func(scan func(...any) error) (struct{}, error) {
		var key string
		var sum blob.Sum
		err := scan(&key, &sum)
		results[key] = sum
		return struct{}{}, err
	}, "SELECT key, result FROM steps WHERE recording_id = ? AND state = 'done'", recording)
	if err != nil {
		return nil, fmt.Errorf("list the results of recording %s: %w", recording, err)
	}
	return results, nil
}

// Outcome is what an attempt gave.
type Outcome struct {
	Result blob.Sum            // what it found
	Probe  json.RawMessage     // what the film is; nil: not said
	Length time.Duration       // of the film, with Probe
	Then   *NewStep            // what follows this step, or, with More, those
	More   []NewStep           // steps that are to be done, which Result lists
	Early  *Early              // what may be done before all of More is; nil: nothing
	Best   *Ranking            // a ranking of what was found so far; nil: none
	Files  map[string]blob.Sum // nil: the analysis is not done with this
}

// Early is a step that needs only the first of the steps that are to be done.
type Early struct {
	Step NewStep
	Of   int // those
}

// Ranking is a list of moments, better the higher its pass.
type Ranking struct {
	Pass int
	Sum  blob.Sum
}

// Accept takes what an attempt gave, once; false where it does not count any
// more: it has lost its lease, or the work on the recording has ended.
func (s *Store) Accept(ctx context.Context, attempt string, o Outcome) (accepted bool, e Ended, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		accepted, e = false, Ended{}
		id, recording, err := stepOf(ctx, tx, attempt)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		accepted = true
		if o.Files != nil {
			e, err = s.finish(ctx, tx, recording, o)
			return err
		}
		return s.advance(ctx, tx, id, recording, o)
	})
	if err != nil {
		return false, Ended{}, fmt.Errorf("accept the result of an attempt: %w", err)
	}
	return accepted, e, nil
}

func stepOf(ctx context.Context, tx *sql.Tx, attempt string) (id int64, recording string, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id, recording_id FROM steps WHERE attempt = ?", attempt).Scan(&id, &recording)
	return id, recording, err
}

// finish ends the analysis with the files that it gave.
func (s *Store) finish(ctx context.Context, tx *sql.Tx, recording string, o Outcome) (Ended, error) {
	if _, err := tx.ExecContext(ctx, "DELETE FROM files WHERE recording_id = ?", recording); err != nil {
		return Ended{}, err
	}
	for name, sum := range o.Files {
		if _, err := tx.ExecContext(ctx, "INSERT INTO files (recording_id, name, sum) VALUES (?, ?, ?)", recording, name, sum); err != nil {
			return Ended{}, err
		}
		if err := need(ctx, tx, recording, lasting, sum); err != nil {
			return Ended{}, err
		}
	}
	return s.end(ctx, tx, recording, Done, "")
}

// advance writes down that a step is done, and makes ready what waited for it.
func (s *Store) advance(ctx context.Context, tx *sql.Tx, id int64, recording string, o Outcome) error {
	if err := need(ctx, tx, recording, passing, o.Result); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE steps SET state = 'done', attempt = NULL, result = ? WHERE id = ?", o.Result, id)
	if err != nil {
		return err
	}
	if o.Probe != nil {
		_, err := tx.ExecContext(ctx, "UPDATE recordings SET probe = ?, duration_ms = ? WHERE id = ?",
			string(o.Probe), o.Length.Milliseconds(), recording)
		if err != nil {
			return err
		}
	}
	if err := addWave(ctx, tx, recording, o); err != nil {
		return err
	}
	if err := keepBest(ctx, tx, recording, o.Best); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE steps SET awaiting = awaiting - 1, state = CASE awaiting WHEN 1 THEN 'ready' ELSE state END
			WHERE id = (SELECT awaited_by FROM steps WHERE id = ?1)`,
		"UPDATE recordings SET changed_ms = ?2 WHERE id = (SELECT recording_id FROM steps WHERE id = ?1)",
	} {
		if _, err := tx.ExecContext(ctx, q, id, s.ms()); err != nil {
			return err
		}
	}
	return nil
}

// addWave adds the steps that follow one, and what awaits them all. Those that are
// done already are not done again.
func addWave(ctx context.Context, tx *sql.Tx, recording string, o Outcome) error {
	done, err := column[string](ctx, tx, "SELECT key FROM steps WHERE recording_id = ?", recording)
	if err != nil {
		return err
	}
	var fresh []int
	for i, m := range o.More {
		if !slices.Contains(done, m.Key) {
			fresh = append(fresh, i)
		}
	}
	soon := 0 // of those, what Early needs
	for soon < len(fresh) && o.Early != nil && fresh[soon] < o.Early.Of {
		soon++
	}
	awaiters, err := addAwaiters(ctx, tx, recording, o, soon, len(fresh)-soon)
	if err != nil {
		return err
	}
	for n, i := range fresh {
		if _, err := addStep(ctx, tx, recording, o.More[i], o.Result, i, awaiters[n < soon], 0); err != nil {
			return err
		}
	}
	return nil
}

// addAwaiters adds what is done after the steps of a wave, and gives what those await
// that are early, and those that are not.
func addAwaiters(ctx context.Context, tx *sql.Tx, recording string, o Outcome, soon, rest int) (map[bool]*int64, error) {
	if o.Then == nil {
		return nil, nil
	}
	if soon > 0 {
		rest++ // the early step itself
	}
	then, err := addStep(ctx, tx, recording, *o.Then, "", 0, nil, rest)
	if err != nil || soon == 0 {
		return map[bool]*int64{false: &then}, err
	}
	early, err := addStep(ctx, tx, recording, o.Early.Step, "", 0, &then, soon)
	return map[bool]*int64{false: &then, true: &early}, err
}

// keepBest keeps a ranking that is better than the one there is. Those before it stay
// in the media store as results of their steps.
func keepBest(ctx context.Context, tx *sql.Tx, recording string, r *Ranking) error {
	if r == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO rankings (recording_id, pass, sum) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET pass = excluded.pass, sum = excluded.sum WHERE excluded.pass > pass`, recording, r.Pass, r.Sum)
	if err != nil {
		return err
	}
	return need(ctx, tx, recording, passing, r.Sum)
}

func addStep(ctx context.Context, tx *sql.Tx, recording string, n NewStep, wave blob.Sum, place int, awaitedBy *int64, awaiting int) (int64, error) {
	state := "ready"
	if awaiting > 0 {
		state = "blocked"
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO steps (recording_id, key, name, wave, place, state, awaiting, awaited_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, recording, n.Key, n.Name, wave, place, state, awaiting, awaitedBy)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// Why an attempt is made again.
type Why int

// Reasons.
const (
	Lost    Why = iota // nobody is at it any more
	Failure            // it failed for what may pass
	Crash              // it took native code down
)

// Again lets a step be tried again, not before a time that is MostPause away at
// most; false where the attempt does not count any more.
func (s *Store) Again(ctx context.Context, attempt string, why Why, notBefore time.Time) (counted bool, err error) {
	res, err := s.db.ExecContext(ctx, `UPDATE steps SET state = 'ready', attempt = NULL, not_before_ms = ?,
		failures = failures + ?, crashes = crashes + ? WHERE attempt = ?`,
		notBefore.UnixMilli(), why == Failure, why == Crash, attempt)
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	if err != nil {
		return false, fmt.Errorf("let a step be tried again: %w", err)
	}
	return n > 0, nil
}

// Fail ends the work on the recording of an attempt for good; false where the
// attempt does not count any more.
func (s *Store) Fail(ctx context.Context, attempt, failure string) (counted bool, e Ended, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		counted, e = false, Ended{}
		_, recording, err := stepOf(ctx, tx, attempt)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		counted = true
		e, err = s.end(ctx, tx, recording, Failed, failure)
		return err
	})
	if err != nil {
		return false, Ended{}, fmt.Errorf("write down a failure: %w", err)
	}
	return counted, e, nil
}

// Need writes down that a recording needs blobs until its analysis is done.
func (s *Store) Need(ctx context.Context, recording string, sums ...blob.Sum) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return need(ctx, tx, recording, passing, sums...) })
	if err != nil {
		return fmt.Errorf("write down what recording %s needs: %w", recording, err)
	}
	return nil
}
