package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Visit is one visit to a family, on a day.
type Visit struct {
	ID   string
	Case string // empty: none is known
	Day  string // YYYY-MM-DD
}

// ErrReviewed says that people have decided about a recording in its visit.
var ErrReviewed = errors.New("people have decided about it already")

// CreateVisit makes a visit, of a case or of none, on a day like 2026-11-22.
func (s *Store) CreateVisit(ctx context.Context, caseID, day string) (v Visit, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		v, err = s.createVisit(ctx, tx, caseID, day)
		return err
	})
	if err != nil {
		return Visit{}, fmt.Errorf("make a visit: %w", err)
	}
	return v, nil
}

func (s *Store) createVisit(ctx context.Context, tx *sql.Tx, caseID, day string) (Visit, error) {
	v := Visit{ID: newID(), Case: caseID, Day: day}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return Visit{}, fmt.Errorf("%q is no day like 2026-11-22", day)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO visits (id, case_id, day, created_ms) VALUES (?, ?, ?, ?)",
		v.ID, sql.NullString{String: caseID, Valid: caseID != ""}, v.Day, s.ms())
	return v, err
}

// today is the day where this program runs.
func (s *Store) today() string { return s.now().Local().Format(time.DateOnly) }

const selectVisits = "SELECT id, coalesce(case_id, ''), day FROM visits"

func readVisit(scan func(...any) error) (v Visit, err error) {
	err = scan(&v.ID, &v.Case, &v.Day)
	return v, err
}

// Visit gives one by its id, with its recordings in the order of their submission;
// the error wraps ErrMissing where there is none.
func (s *Store) Visit(ctx context.Context, id string) (v Visit, films []Recording, err error) {
	v, err = readVisit(s.db.QueryRowContext(ctx, selectVisits+" WHERE id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err == nil {
		films, err = list(ctx, s.db, readRecording, selectRecordings+" WHERE visit_id = ? ORDER BY submitted_ms, r.rowid", id)
	}
	if err != nil {
		return Visit{}, nil, fmt.Errorf("look for visit %s: %w", id, err)
	}
	return v, films, nil
}

// Visits lists those of a case, the latest first.
func (s *Store) Visits(ctx context.Context, caseID string) ([]Visit, error) {
	all, err := list(ctx, s.db, readVisit, selectVisits+" WHERE case_id = ? ORDER BY day DESC, id", caseID)
	if err != nil {
		return nil, fmt.Errorf("list the visits of case %s: %w", caseID, err)
	}
	return all, nil
}

// MoveRecording makes a recording one of another visit. The error wraps ErrMissing
// where one of them is not there, and ErrReviewed where people would lose by it what
// they have decided.
func (s *Store) MoveRecording(ctx context.Context, recording, visit string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var from string
		err := tx.QueryRowContext(ctx, "SELECT visit_id FROM recordings WHERE id = ? AND EXISTS (SELECT 1 FROM visits WHERE id = ?)",
			recording, visit).Scan(&from)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrMissing
		}
		if err != nil || from == visit {
			return err
		}
		if reviewed, err := isReviewed(ctx, tx, recording); err != nil || reviewed {
			return errors.Join(err, onlyIf(reviewed, ErrReviewed))
		}
		_, err = tx.ExecContext(ctx, "UPDATE recordings SET visit_id = ?, changed_ms = ? WHERE id = ?", visit, s.ms(), recording)
		if err != nil {
			return err
		}
		return leaveVisit(ctx, tx, from)
	})
	if err != nil {
		return fmt.Errorf("move recording %s to visit %s: %w", recording, visit, err)
	}
	return nil
}

func onlyIf(so bool, err error) error {
	if so {
		return err
	}
	return nil
}

// isReviewed tells whether people have decided what would be lost if a recording left
// its visit: about it, or about the visit where it is the last of it.
func isReviewed(ctx context.Context, tx queryer, recording string) (so bool, err error) {
	about, err := entitiesAbout(ctx, tx, recording)
	if err != nil || len(about) > 0 {
		return len(about) > 0, err
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) = 1 AND EXISTS (SELECT 1 FROM changes WHERE visit_id = v.visit_id)
		FROM recordings v JOIN recordings r ON r.visit_id = v.visit_id WHERE v.id = ?`, recording).Scan(&so)
	return so, err
}

// ForgetVisits forgets visits that were made before a time and to which no recording
// ever came, or none is left, but for those of cases.
func (s *Store) ForgetVisits(ctx context.Context, before time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM visits WHERE case_id IS NULL AND created_ms < ?
			AND NOT EXISTS (SELECT 1 FROM recordings WHERE visit_id = visits.id)`, before.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("forget visits without recordings: %w", err)
	}
	return nil
}

// leaveVisit ends a visit that has no recording left. One of a case stays, without
// what was decided about what is gone.
func leaveVisit(ctx context.Context, tx *sql.Tx, visit string) error {
	const empty = " = ?1 AND NOT EXISTS (SELECT 1 FROM recordings WHERE visit_id = ?1)"
	for _, q := range []string{
		"DELETE FROM visits WHERE case_id IS NULL AND id" + empty, // and with it its review
		"DELETE FROM edits WHERE visit_id" + empty,
		"DELETE FROM facts WHERE visit_id" + empty,
	} {
		if _, err := tx.ExecContext(ctx, q, visit); err != nil {
			return err
		}
	}
	return nil
}
