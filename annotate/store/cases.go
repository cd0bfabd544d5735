package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Case is one family's file, by the label that the practitioner gives it.
type Case struct {
	ID      string
	Label   string
	Created time.Time
}

// Visit is one visit to a family, on a day.
type Visit struct {
	ID   string
	Case string
	Day  string // YYYY-MM-DD
}

// AddCase makes a case.
func (s *Store) AddCase(ctx context.Context, label string) (Case, error) {
	c := Case{ID: newID(), Label: label, Created: time.UnixMilli(s.ms())}
	_, err := s.db.ExecContext(ctx, "INSERT INTO cases (id, label, created_ms) VALUES (?, ?, ?)", c.ID, c.Label, c.Created.UnixMilli())
	if err != nil {
		return Case{}, fmt.Errorf("add a case: %w", err)
	}
	return c, nil
}

// Cases lists all by their labels.
func (s *Store) Cases(ctx context.Context) ([]Case, error) {
	all, err := list(ctx, s.db, func(scan func(...any) error) (c Case, err error) {
		var created int64
		err = scan(&c.ID, &c.Label, &created)
		c.Created = time.UnixMilli(created)
		return c, err
	}, "SELECT id, label, created_ms FROM cases ORDER BY label, id")
	if err != nil {
		return nil, fmt.Errorf("list the cases: %w", err)
	}
	return all, nil
}

// AddVisit makes a visit of a case, on a day like 2026-11-22.
func (s *Store) AddVisit(ctx context.Context, caseID, day string) (Visit, error) {
	v := Visit{ID: newID(), Case: caseID, Day: day}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return Visit{}, fmt.Errorf("add a visit: %q is no day like 2026-11-22", day)
	}
	_, err := s.db.ExecContext(ctx, "INSERT INTO visits (id, case_id, day, created_ms) VALUES (?, ?, ?, ?)", v.ID, v.Case, v.Day, s.ms())
	if err != nil {
		return Visit{}, fmt.Errorf("add a visit: %w", err)
	}
	return v, nil
}

// Visits lists those of a case, the latest first.
func (s *Store) Visits(ctx context.Context, caseID string) ([]Visit, error) {
	all, err := list(ctx, s.db, func(scan func(...any) error) (v Visit, err error) {
		err = scan(&v.ID, &v.Case, &v.Day)
		return v, err
	}, "SELECT id, case_id, day FROM visits WHERE case_id = ? ORDER BY day DESC, id", caseID)
	if err != nil {
		return nil, fmt.Errorf("list the visits of case %s: %w", caseID, err)
	}
	return all, nil
}

// Assign says which visit a recording is of; an empty one: none.
func (s *Store) Assign(ctx context.Context, recording, visit string) error {
	res, err := s.db.ExecContext(ctx, "UPDATE recordings SET visit_id = ?, changed_ms = ? WHERE id = ?",
		sql.NullString{String: visit, Valid: visit != ""}, s.ms(), recording)
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	if err == nil && n == 0 {
		err = ErrMissing
	}
	if err != nil {
		return fmt.Errorf("say which visit recording %s is of: %w", recording, err)
	}
	s.changes.tell()
	return nil
}
