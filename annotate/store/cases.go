package store

import (
	"context"
	"fmt"
	"time"
)

// Case is one family's file, by the label that the practitioner gives it.
type Case struct {
	ID      string
	Label   string
	Created time.Time
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
