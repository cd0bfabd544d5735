package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/pipeline"
)

// accept takes reports as they come.
func (d *Desk) accept(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.take(ctx, time.Second)
		if err != nil && ctx.Err() == nil {
			d.doubt.Store(true)
			d.Log.Warn("cannot take reports; trying again", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(lookEvery):
			}
		}
	}
}

// drain takes the reports that there are.
func (d *Desk) drain(ctx context.Context) error { return d.take(ctx, -1) }

// take takes the reports there are, or the first that come within a time. What is
// read is removed once it is settled, so that the first is always the next.
func (d *Desk) take(ctx context.Context, wait time.Duration) error {
	streams, err := d.Redis.XRead(ctx, &redis.XReadArgs{Streams: []string{d.Realm.reports(), "0"}, Count: mostAtOnce, Block: wait}).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range streams[0].Messages {
		doc, _ := m.Values["report"].(string)
		var r report
		if err := json.Unmarshal([]byte(doc), &r); err != nil {
			d.Log.Error("a report cannot be read", "error", err)
		} else if err := d.settle(ctx, r); err != nil {
			return err
		}
		if err := d.Redis.XDel(ctx, d.Realm.reports(), m.ID).Err(); err != nil {
			return err
		}
	}
	d.stir()
	return nil
}

// settle writes down what came of an attempt. A report that was settled before
// changes nothing.
func (d *Desk) settle(ctx context.Context, r report) error {
	switch {
	case r.Back:
		d.Log.Debug("step handed back", "attempt", r.Attempt)
		d.Meter.failed(ofAttempt, causeLost)
		_, err := d.Store.Again(ctx, r.Attempt, store.Lost, d.Now())
		return err
	case r.Reason != "":
		return d.fail(ctx, r.Attempt, r.Reason)
	case r.Failed != "" || r.Crashed != "":
		return d.again(ctx, r)
	}
	return d.keep(ctx, r)
}

func (d *Desk) fail(ctx context.Context, attempt, reason string) error {
	counted, e, err := d.Store.Fail(ctx, attempt, reason)
	if err != nil {
		return err
	}
	if counted {
		d.Log.Warn("recording failed", "attempt", attempt, "reason", reason)
		d.Meter.failed(ofRecording, reason)
	}
	return d.ended(ctx, e)
}

// ended tells workers what is no longer wanted and removes what is no longer
// needed.
func (d *Desk) ended(ctx context.Context, e store.Ended) error {
	if err := d.void(ctx, e.Attempts...); err != nil {
		d.Log.Warn("cannot tell workers what is no longer wanted", "error", err) // their results are refused
	}
	return d.discard(ctx, e.Unneeded...)
}

// How often a step may fail, and take the native process down, before its
// recording is given up.
const (
	mostFailures = 8
	mostCrashes  = 2
)

// Reasons of the desk's own, beside those of decode.
const (
	ReasonCrash   = "crash"   // native code aborted, hung or took too much memory over it
	ReasonFailing = "failing" // it failed again and again
)

// again lets a step be tried again, later each time, or gives its recording up.
func (d *Desk) again(ctx context.Context, r report) error {
	a, err := d.Store.Attempt(ctx, r.Attempt)
	if errors.Is(err, store.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	why, reason, left := store.Failure, ReasonFailing, mostFailures-a.Failures-1
	if r.Crashed != "" && r.Crashed != departed {
		why, reason, left = store.Crash, ReasonCrash, mostCrashes-a.Crashes-1
	}
	cause := causeStep
	if r.Crashed != "" {
		cause = string(r.Crashed)
	}
	d.Meter.failed(ofAttempt, cause)
	d.Log.Warn("attempt failed", "attempt", r.Attempt, "step", a.Name, "crashed", string(r.Crashed), "why", r.Failed, "left", left)
	if left <= 0 {
		return d.fail(ctx, r.Attempt, reason)
	}
	pause := time.Second << min(a.Failures, 6)
	if why == store.Crash || r.Crashed == departed {
		pause = 0
	}
	_, err = d.Store.Again(ctx, r.Attempt, why, d.Now().Add(pause))
	return err
}

// keep accepts a result.
func (d *Desk) keep(ctx context.Context, r report) error {
	a, err := d.Store.Attempt(ctx, r.Attempt)
	if errors.Is(err, store.ErrMissing) {
		return d.refuse(ctx, r)
	}
	if err != nil {
		return err
	}
	accepted, e, err := d.admit(ctx, a, r)
	switch {
	case errors.Is(err, blob.ErrMissing), errors.Is(err, blob.ErrDamaged):
		_, err := d.Store.Again(ctx, r.Attempt, store.Failure, d.Now())
		return err
	case err != nil:
		return err
	case !accepted:
		return d.refuse(ctx, r)
	}
	d.Meter.did(a.Name, r.Took, r.Film)
	d.Log.Debug("step done", "recording", a.Recording, "step", a.Key, "attempt", a.ID)
	if r.Files != nil {
		d.Log.Info("recording analysed", "recording", a.Recording)
		d.Meter.analysed(a, d.Now().Sub(a.Submitted))
	}
	return d.ended(ctx, e)
}

// admit makes what a report brings the truth.
func (d *Desk) admit(ctx context.Context, a store.Attempt, r report) (bool, store.Ended, error) {
	d.media.Lock()
	defer d.media.Unlock()
	o, err := d.outcome(ctx, a, r)
	if err != nil {
		return false, store.Ended{}, err
	}
	return d.Store.Accept(ctx, a.ID, o)
}

// outcome is what a report says to the database. Its blobs are there.
func (d *Desk) outcome(ctx context.Context, a store.Attempt, r report) (o store.Outcome, err error) {
	for _, sum := range r.sums() {
		if _, err := d.Media.Size(ctx, sum); err != nil {
			return o, err
		}
	}
	o = store.Outcome{Result: r.Result, Files: r.Files}
	if o.Best, err = d.ranking(ctx, r.Ranking); err != nil {
		return o, err
	}
	switch {
	case a.Name == probeStep:
		doc, err := blob.Bytes(ctx, d.Media, r.Result)
		if err != nil {
			return o, err
		}
		var film annotate.Recording
		if err := json.Unmarshal(doc, &film); err != nil {
			return o, fmt.Errorf("read what a film is: %w", err)
		}
		r, err := d.Store.Recording(ctx, a.Recording) // workers know it by its sum
		if err != nil {
			return o, err
		}
		film.Name = r.Name
		o.Probe, o.Length = encode(film), time.Duration(film.DurationS*float64(time.Second))
		o.Then = assemble(a)
	case r.Missing:
		doc, err := blob.Bytes(ctx, d.Media, r.Result)
		if err != nil {
			return o, err
		}
		var wave []pipeline.Step
		if err := json.Unmarshal(doc, &wave); err != nil {
			return o, fmt.Errorf("read which steps are missing: %w", err)
		}
		for _, s := range wave {
			o.More = append(o.More, store.NewStep{Key: s.Key(), Name: s.Name})
		}
		o.Then = assemble(a)
		if r.First > 0 && a.Queue != store.Batch { // nobody looks at one of many as it is worked on
			o.Early = &store.Early{Step: *numbered(rankStep, a), Of: r.First}
		}
	}
	return o, nil
}

// ranking reads one that a worker made; nil where it has none.
func (d *Desk) ranking(ctx context.Context, sum blob.Sum) (*store.Ranking, error) {
	if sum == "" {
		return nil, nil
	}
	doc, err := blob.Bytes(ctx, d.Media, sum)
	if err != nil {
		return nil, err
	}
	var r annotate.Ranking
	if err := json.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read a ranking: %w", err)
	}
	return &store.Ranking{Pass: r.Pass, Sum: sum}, nil
}

func (r report) sums() []blob.Sum {
	var list []blob.Sum
	for _, sum := range []blob.Sum{r.Result, r.Ranking} {
		if sum != "" {
			list = append(list, sum)
		}
	}
	for _, sum := range r.Files {
		list = append(list, sum)
	}
	return list
}

// refuse drops what an attempt gave that does not count any more.
func (d *Desk) refuse(ctx context.Context, r report) error {
	d.Log.Info("result refused: its attempt does not count any more", "attempt", r.Attempt)
	return d.discard(ctx, r.sums()...)
}
