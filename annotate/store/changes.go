package store

import (
	"context"
	"fmt"
	"sync"
)

// changes lets many wait for the next one.
type changes struct {
	mu   sync.Mutex
	next chan struct{} // nil: nobody waits
}

// Changed is closed once something is written down that was not when it was called.
// Only what this Store writes counts: it is the only one that does.
func (s *Store) Changed() <-chan struct{} {
	s.changes.mu.Lock()
	defer s.changes.mu.Unlock()
	if s.changes.next == nil {
		s.changes.next = make(chan struct{})
	}
	return s.changes.next
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil {
		close(c.next)
		c.next = nil
	}
}

// Load is how many steps of a queue are to be done.
type Load struct {
	Queue   Queue `json:"queue"`
	Blocked int   `json:"blocked"` // until others are done
	Ready   int   `json:"ready"`
	Queued  int   `json:"queued"` // given out, or under way
}

// Loads gives that of each queue, the most urgent first.
func (s *Store) Loads(ctx context.Context) ([]Load, error) {
	all := []Load{{Queue: Interactive}, {Queue: Default}, {Queue: Batch}}
	_, err := list(ctx, s.db, func(scan func(...any) error) (struct{}, error) {
		var q Queue
		var state string
		var n int
		err := scan(&q, &state, &n)
		for i := range all {
			if all[i].Queue == q {
				all[i].add(state, n)
			}
		}
		return struct{}{}, err
	}, `SELECT queue, s.state, count(*) FROM steps s JOIN recordings r ON r.id = s.recording_id
		WHERE s.state <> 'done' GROUP BY queue, s.state`)
	if err != nil {
		return nil, fmt.Errorf("count what is to be done: %w", err)
	}
	return all, nil
}

func (l *Load) add(state string, n int) {
	switch state {
	case "blocked":
		l.Blocked += n
	case "ready":
		l.Ready += n
	case "queued":
		l.Queued += n
	}
}

// States counts the recordings of each state.
func (s *Store) States(ctx context.Context) (map[State]int, error) {
	counts := map[State]int{Working: 0, Done: 0, Failed: 0, Cancelled: 0}
	_, err := list(ctx, s.db, func(scan func(...any) error) (struct{}, error) {
		var state State
		var n int
		err := scan(&state, &n)
		counts[state] = n
		return struct{}{}, err
	}, "SELECT state, count(*) FROM recordings GROUP BY state")
	if err != nil {
		return nil, fmt.Errorf("count the recordings: %w", err)
	}
	return counts, nil
}
