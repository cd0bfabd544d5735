package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Trace stands for a file of a watched folder without telling anything of it: each
// part is an HMAC with TraceKey. Who has the database and guesses a file's place must
// also guess its size and, to the nanosecond, its time.
type Trace struct {
	Key   string // of where it lies, its size and its time
	File  string // of the file itself, its size and its time, wherever it is moved to
	Place string // of where it lies
}

// TraceKey is the key of traces, made where there is none. It goes with them into
// backups: without it, what was deleted would be taken in again after a restore.
func (s *Store) TraceKey(ctx context.Context) (key []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO trace_key (id, key) VALUES (1, ?) ON CONFLICT DO NOTHING", fresh)
		if err == nil {
			err = tx.QueryRowContext(ctx, "SELECT key FROM trace_key").Scan(&key)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the key of what is remembered of watched folders: %w", err)
	}
	return key, nil
}

// Remember keeps that a file was taken in, and which recording was made of it; empty:
// none that was not there before.
func (s *Store) Remember(ctx context.Context, t Trace, recording string) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO traces (key, file, place, recording_id, taken_ms, seen_ms) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET file = excluded.file, recording_id = excluded.recording_id, taken_ms = excluded.taken_ms, seen_ms = excluded.seen_ms`,
		t.Key, t.File, t.Place, sql.NullString{String: recording, Valid: recording != ""}, s.ms(), s.ms())
	if err != nil {
		return fmt.Errorf("remember a file that was taken in: %w", err)
	}
	return nil
}

// seenEvery is how often it is written down that a file is still there.
const seenEvery = 12 * time.Hour

// Remembered tells of each file whether it was taken in, and that it is there.
func (s *Store) Remembered(ctx context.Context, traces ...Trace) (known []bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		known = make([]bool, len(traces))
		for i, t := range traces {
			var fresh bool
			err := tx.QueryRowContext(ctx, "SELECT abs(? - seen_ms) < ? FROM traces WHERE key = ? OR file = ? ORDER BY seen_ms LIMIT 1",
				s.ms(), seenEvery.Milliseconds(), t.Key, t.File).Scan(&fresh)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			known[i] = true
			if err == nil && !fresh {
				_, err = tx.ExecContext(ctx, "UPDATE traces SET seen_ms = ? WHERE key = ? OR file = ?", s.ms(), t.Key, t.File)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look which files were taken in: %w", err)
	}
	return known, nil
}

// MadeAt gives the latest recording that was made of a file at a place; the error
// wraps ErrMissing where there is none.
func (s *Store) MadeAt(ctx context.Context, place string) (Recording, error) {
	r, err := readRecording(s.db.QueryRowContext(ctx, selectRecordings+
		` JOIN traces t ON t.recording_id = r.id WHERE t.place = ? ORDER BY t.taken_ms DESC LIMIT 1`, place).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err != nil {
		return Recording{}, fmt.Errorf("look what was made of a file: %w", err)
	}
	return r, nil
}

// ForgetTraces forgets files that were last there before a time, and those beyond so
// many.
func (s *Store) ForgetTraces(ctx context.Context, before time.Time, most int) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM traces WHERE seen_ms < ?
		OR key IN (SELECT key FROM traces ORDER BY seen_ms DESC LIMIT -1 OFFSET ?)`, before.UnixMilli(), most)
	if err != nil {
		return fmt.Errorf("forget files that are gone: %w", err)
	}
	return nil
}

// Touched tells whether a person has done something with a recording that would be
// lost with it. The error wraps ErrMissing where there is none.
func (s *Store) Touched(ctx context.Context, id string) (touched bool, err error) {
	r, err := s.Recording(ctx, id)
	if err != nil || r.State == Cancelled {
		return r.State == Cancelled, err
	}
	if touched, err = isReviewed(ctx, s.db, id); err == nil && !touched {
		err = s.db.QueryRowContext(ctx, `SELECT count(*) > 1 OR max(case_id) IS NOT NULL FROM recordings r JOIN visits v ON v.id = r.visit_id
			WHERE visit_id = ?`, r.Visit).Scan(&touched)
	}
	if err != nil {
		return false, fmt.Errorf("look what was done with recording %s: %w", id, err)
	}
	return touched, nil
}
