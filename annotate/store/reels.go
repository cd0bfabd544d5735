package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"dyade/annotate/blob"
)

// Reel is the reel of a visit: what is being rendered, and what was rendered last.
type Reel struct {
	Job        string   // the rendering that is asked for; empty: none
	Plan       []byte   // what that is to show: JSON of annotate.Reel
	Failure    string   // why the last rendering ended without a film: a code; empty: it did not
	FailedPart int      // the part that was at fault, from 1; 0: none by itself
	Film       blob.Sum // what was rendered last; empty: nothing
	Provenance blob.Sum // of that
	Shows      []byte   // the plan of that
}

// Order is a reel to be rendered.
type Order struct {
	Visit   string
	Job     string
	Plan    []byte
	Crashes int // how often native code was taken down by it
}

// Reel gives that of a visit; the error wraps ErrMissing where there is no such visit.
func (s *Store) Reel(ctx context.Context, visit string) (r Reel, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(job, ''), plan, coalesce(failure, ''), coalesce(failure_part, 0), coalesce(film, ''), coalesce(provenance, ''), shows
		FROM visits v LEFT JOIN reels r ON r.visit_id = v.id WHERE v.id = ?`, visit).
		Scan(&r.Job, &r.Plan, &r.Failure, &r.FailedPart, &r.Film, &r.Provenance, &r.Shows)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	if err != nil {
		return Reel{}, fmt.Errorf("look for the reel of visit %s: %w", visit, err)
	}
	return r, nil
}

// AskReel asks for a visit's reel to be rendered by a plan, in place of what was asked
// for before. What is being rendered by the same plan goes on.
func (s *Store) AskReel(ctx context.Context, visit string, plan []byte) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := last(ctx, tx, visit); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO reels (visit_id, job, plan, asked_ms) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET job = excluded.job, plan = excluded.plan, asked_ms = excluded.asked_ms, crashes = 0, failure = '', failure_part = 0
			WHERE plan IS NOT excluded.plan`, visit, newID(), string(plan), s.ms())
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for the reel of visit %s: %w", visit, err)
	}
	return nil
}

// CancelReel asks for it no more. What was rendered last stays.
func (s *Store) CancelReel(ctx context.Context, visit string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := last(ctx, tx, visit); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE reels SET job = NULL, plan = NULL, failure = '', failure_part = 0 WHERE visit_id = ?", visit)
		return err
	})
	if err != nil {
		return fmt.Errorf("cancel the reel of visit %s: %w", visit, err)
	}
	return nil
}

// NextReel is the one that has been asked for longest; nil: none is.
func (s *Store) NextReel(ctx context.Context) (*Order, error) {
	var o Order
	err := s.db.QueryRowContext(ctx, "SELECT visit_id, job, plan, crashes FROM reels WHERE job IS NOT NULL ORDER BY asked_ms, job LIMIT 1").
		Scan(&o.Visit, &o.Job, &o.Plan, &o.Crashes)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look which reel is to be rendered: %w", err)
	}
	return &o, nil
}

// ReelAsked tells whether a rendering is still asked for.
func (s *Store) ReelAsked(ctx context.Context, job string) (asked bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM reels WHERE job = ?)", job).Scan(&asked)
	if err != nil {
		return false, fmt.Errorf("look whether a reel is still to be rendered: %w", err)
	}
	return asked, nil
}

// ReelRendered keeps what a rendering gave, in place of what was rendered before, of
// which it gives what nobody needs any more; false where it is no longer asked for.
func (s *Store) ReelRendered(ctx context.Context, job string, film, provenance blob.Sum) (kept bool, unneeded []blob.Sum, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var former [2]blob.Sum
		err := tx.QueryRowContext(ctx, "SELECT coalesce(film, ''), coalesce(provenance, '') FROM reels WHERE job = ?", job).Scan(&former[0], &former[1])
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		kept = true
		_, err = tx.ExecContext(ctx, `UPDATE reels SET film = ?, provenance = ?, shows = plan, job = NULL, plan = NULL, failure = '', failure_part = 0 WHERE job = ?`,
			film, provenance, job)
		if err != nil {
			return err
		}
		unneeded, err = onlyUnneeded(ctx, tx, former[:]...)
		return err
	})
	if err != nil {
		return false, nil, fmt.Errorf("keep a reel: %w", err)
	}
	return kept, unneeded, nil
}

// onlyUnneeded are those of some sums that nobody needs.
func onlyUnneeded(ctx context.Context, tx queryer, sums ...blob.Sum) (list []blob.Sum, err error) {
	for _, sum := range sums {
		var needed bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM needed WHERE sum = ?)", sum).Scan(&needed); err != nil {
			return nil, err
		}
		if !needed && sum != "" {
			list = append(list, sum)
		}
	}
	return list, nil
}

// ReelFailed ends a rendering that gave nothing, for a reason that lies in a part, from
// 1; 0: in none by itself.
func (s *Store) ReelFailed(ctx context.Context, job, reason string, part int) error {
	return s.ofReel(ctx, "UPDATE reels SET job = NULL, plan = NULL, failure = ?2, failure_part = ?3 WHERE job = ?1", job, reason, part)
}

// ReelCrashed counts that a rendering took native code down; it is still asked for.
func (s *Store) ReelCrashed(ctx context.Context, job string) error {
	return s.ofReel(ctx, "UPDATE reels SET crashes = crashes + 1 WHERE job = ?1", job)
}

func (s *Store) ofReel(ctx context.Context, query string, args ...any) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("write down what became of a reel: %w", err)
	}
	return nil
}

// forgetReel removes a visit's reel that shows, or is to show, a recording, or is all
// that would be left of the visit. It gives what nobody needs any more.
func forgetReel(ctx context.Context, tx *sql.Tx, recording string) ([]blob.Sum, error) {
	var former [2]blob.Sum
	err := tx.QueryRowContext(ctx, `DELETE FROM reels WHERE visit_id = (SELECT visit_id FROM recordings WHERE id = ?1) AND (
		instr(coalesce(plan, '') || coalesce(shows, ''), (SELECT sum FROM recordings WHERE id = ?1))
		OR NOT EXISTS (SELECT 1 FROM recordings o WHERE o.visit_id = reels.visit_id AND o.id <> ?1))
		RETURNING coalesce(film, ''), coalesce(provenance, '')`, recording).Scan(&former[0], &former[1])
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return onlyUnneeded(ctx, tx, former[:]...)
}
