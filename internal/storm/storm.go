// Package storm proves that work survives: it has a `dyade serve` analyse ten
// recordings, and kills, pauses, starves and confuses all that takes part, at
// random, overlapping. In the end each recording must be analysed once, to the same
// bytes as without a storm, and nothing may be left over.
package storm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Options of a storm.
type Options struct {
	Program string   // dyade, built with the tag storm
	Films   []string // at least one; they are cut into recordings
	Dir     string   // an empty folder on a disk of its own, which gets filled
	Faults  int      // how many; at least one of each kind comes
	Seed    uint64   // of which and when
	Say     func(format string, args ...any)
}

// recordings are in flight at once.
const recordings = 10

// Run has a storm. The error says what did not hold.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := time.Now()
	films, err := cut(ctx, o)
	if err != nil {
		return fmt.Errorf("prepare the storm: %w", err)
	}
	o.Say("%d recordings, analysed undisturbed in %v", len(films), since(begun))
	s, err := newServer(o)
	if err != nil {
		return fmt.Errorf("prepare the storm: %w", err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { s.run(ctx) })
	defer serving.Wait()
	defer cancel()

	e := &engine{o: o, server: s, rand: rand.New(rand.NewPCG(o.Seed, 0))}
	w := &work{server: s, films: films}
	calm := make(chan struct{})
	var submitted error
	var submitting sync.WaitGroup
	submitting.Go(func() { submitted = w.keepInFlight(ctx, calm) })
	blown := e.blow(ctx)
	close(calm)
	o.Say("the faults are over after %v; the work goes on", since(begun))
	submitting.Wait()
	err = errors.Join(blown, submitted)
	if err == nil {
		err = errors.Join(w.verify(ctx), e.verdict())
	}
	if err != nil {
		s.tail(o.Say)
		return err
	}
	if err := s.tidy(ctx); err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
	return errors.Join(s.leftovers(ctx), w.once())
}

func since(t time.Time) time.Duration { return time.Since(t).Round(time.Second) }

// until waits for a condition.
func until(ctx context.Context, what string, most time.Duration, condition func() bool) error {
	over := time.After(most)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return fmt.Errorf("waited %v in vain for %s", most, what)
		case <-tick.C:
		}
	}
	return nil
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
