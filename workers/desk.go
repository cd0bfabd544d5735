package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
	"dyade/pipeline"
)

// Desk gives out the steps of what the database says is to be done, and accepts
// what comes back. One Desk serves a database.
type Desk struct {
	Redis redis.UniversalClient
	Store *store.Store
	Media blob.Store
	Lang  i18n.Lang // of what analyses write for people
	Now   func() time.Time
	Log   *slog.Logger
	// Within is how long a step may take; nil: as this package thinks.
	Within func(store.Attempt) time.Duration

	// Accepting a blob and removing one that nobody needs must not cross.
	media  sync.Mutex
	once   sync.Once
	wake   chan struct{}
	tidied time.Time      // when the media store last was
	away   map[string]int // looks at which an active attempt was held by nobody

	client    *asynq.Client
	inspector *asynq.Inspector
}

// How often the desk looks for work that is ready, for attempts that nobody holds,
// and through all attempts.
const (
	lookEvery  = 500 * time.Millisecond
	wholeEvery = 10 * time.Second
	mostAway   = 3  // looks in a row after which an attempt that nobody holds is lost
	mostAtOnce = 50 // steps claimed in one transaction
)

// Run serves until ctx is over. Redis may come and go.
func (d *Desk) Run(ctx context.Context) error {
	d.once.Do(d.prepare)
	d.away = map[string]int{}
	d.client, d.inspector = asynq.NewClientFromRedisClient(d.Redis), asynq.NewInspectorFromRedisClient(d.Redis)
	var both sync.WaitGroup
	if d.Within == nil {
		d.Within = within
	}
	both.Go(func() { d.accept(ctx) })
	both.Go(func() { d.give(ctx) })
	both.Wait()
	return nil
}

func (d *Desk) prepare() { d.wake = make(chan struct{}, 1) }

// stir tells that there may be something to give out.
func (d *Desk) stir() {
	d.once.Do(d.prepare)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// give gives out what is ready, and again what was lost.
func (d *Desk) give(ctx context.Context) {
	look, whole := time.NewTicker(lookEvery), time.NewTicker(wholeEvery)
	defer look.Stop()
	defer whole.Stop()
	sound := false // Redis answered at the last look
	for {
		var err error
		if !sound {
			err = d.reconcile(ctx) // at the start, and when Redis is back
		}
		if err == nil {
			err = errors.Join(d.findLost(ctx), d.dispatch(ctx))
		}
		if sound = err == nil; err != nil && ctx.Err() == nil {
			d.Log.Warn("cannot give out work; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-look.C:
		case <-whole.C:
			sound = false
		}
	}
}

// dispatch gives out all that is ready.
func (d *Desk) dispatch(ctx context.Context) error {
	for {
		claimed, err := d.Store.Claim(ctx, mostAtOnce)
		if err != nil {
			return err
		}
		for _, a := range claimed {
			if err := d.enqueue(ctx, a); err != nil {
				return fmt.Errorf("give out a step: %w", err) // reconcile finds it
			}
		}
		if len(claimed) < mostAtOnce {
			return nil
		}
	}
}

func (d *Desk) enqueue(ctx context.Context, a store.Attempt) error {
	t := task{Attempt: a.ID, Film: a.Film, Step: a.Name, Wave: a.Wave, Place: a.Place, Within: d.Within(a)}
	if a.Name == assembleStep {
		var err error
		if t.Brief, err = d.brief(ctx, a.Recording); err != nil {
			return err
		}
	}
	_, err := d.client.EnqueueContext(ctx, asynq.NewTask(taskType, encode(t)),
		asynq.TaskID(a.ID), asynq.Queue(string(a.Queue)), asynq.MaxRetry(0), asynq.Timeout(t.Within+time.Minute))
	return err
}

// within is how long a step may take: several times what it does on a slow
// machine.
func within(a store.Attempt) time.Duration {
	const least = 2 * time.Minute
	switch a.Name {
	case probeStep:
		return 10 * time.Minute // it reads the film whole
	case pipeline.HearStep:
		return least + a.Duration
	case assembleStep:
		return least + a.Duration/2
	}
	return least
}

// brief keeps what assembling a recording needs.
func (d *Desk) brief(ctx context.Context, id string) (blob.Sum, error) {
	r, err := d.Store.Recording(ctx, id)
	if err != nil {
		return "", err
	}
	b := brief{Name: r.Name, Lang: d.Lang}
	if b.Results, err = d.Store.Results(ctx, id); err != nil {
		return "", err
	}
	d.media.Lock()
	defer d.media.Unlock()
	sum, _, err := d.Media.Put(ctx, reader(encode(b)))
	if err != nil {
		return "", err
	}
	return sum, d.Store.Need(ctx, id, sum)
}

func reader(data []byte) io.Reader { return bytes.NewReader(data) }

// findLost gives out again what workers were at that are gone.
func (d *Desk) findLost(ctx context.Context) error {
	names, err := d.inspector.Queues()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, queue := range names {
		active, err := d.inspector.ListActiveTasks(queue, asynq.PageSize(1000))
		if err != nil {
			return err
		}
		for _, t := range active {
			held, err := d.Redis.Exists(ctx, leaseName(t.ID)).Result()
			if err != nil {
				return err
			}
			if held > 0 {
				continue
			}
			seen[t.ID] = true
			if d.away[t.ID]++; d.away[t.ID] == mostAway {
				if err := d.lost(ctx, t.ID); err != nil {
					return err
				}
			}
		}
	}
	for id := range d.away {
		if !seen[id] {
			delete(d.away, id)
		}
	}
	return nil
}

// lost gives a step out anew whose attempt is gone.
func (d *Desk) lost(ctx context.Context, attempt string) error {
	counted, err := d.Store.Again(ctx, attempt, store.Lost, d.Now())
	if err != nil {
		return err
	}
	if counted {
		d.Log.Info("attempt lost", "attempt", attempt)
	}
	return d.void(ctx, attempt)
}

// void tells workers that attempts do not count any more.
func (d *Desk) void(ctx context.Context, attempts ...string) error {
	for _, a := range attempts {
		if err := d.Redis.Set(ctx, voidName(a), 1, voidTime).Err(); err != nil {
			return err
		}
	}
	return nil
}

// reconcile gives out again what Redis does not know of, and tidies it.
func (d *Desk) reconcile(ctx context.Context) error {
	if err := d.drain(ctx); err != nil { // what was done is not to be done again
		return err
	}
	queued, err := d.Store.Queued(ctx)
	if err != nil {
		return err
	}
	for _, a := range queued {
		switch info, err := d.inspector.GetTaskInfo(string(a.Queue), a.ID); {
		case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		case err != nil:
			return err
		case info.State != asynq.TaskStateArchived && info.State != asynq.TaskStateCompleted && info.State != asynq.TaskStateRetry:
			continue
		}
		// It may have been reported since it was looked for.
		if err := d.drain(ctx); err != nil {
			return err
		}
		if err := d.lost(ctx, a.ID); err != nil {
			return err
		}
	}
	names, err := d.inspector.Queues() // those that have had a task
	if err != nil {
		return err
	}
	for _, queue := range names {
		if _, err := d.inspector.DeleteAllArchivedTasks(queue); err != nil {
			return err
		}
	}
	return d.tidy(ctx)
}

// strayTime is how old a blob is that nobody needs and nobody will.
const strayTime = time.Hour

// tidy removes, once in a while, what killed processes left in the media store.
func (d *Desk) tidy(ctx context.Context) error {
	now := d.Now()
	if now.Sub(d.tidied) < strayTime && !now.Before(d.tidied) {
		return nil
	}
	d.media.Lock()
	defer d.media.Unlock()
	err := d.Media.Each(ctx, func(sum blob.Sum, put time.Time) error {
		if now.Sub(put) < strayTime {
			return nil
		}
		needed, err := d.Store.Needed(ctx, sum)
		if err != nil || needed {
			return err
		}
		return d.Media.Remove(ctx, sum)
	})
	if err == nil {
		err = d.Media.Sweep(ctx, now.Add(-strayTime))
	}
	if err == nil {
		d.tidied = now
	}
	return err
}

// accept takes reports as they come.
func (d *Desk) accept(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.take(ctx, time.Second)
		if err != nil && ctx.Err() == nil {
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
	streams, err := d.Redis.XRead(ctx, &redis.XReadArgs{Streams: []string{reports, "0"}, Count: mostAtOnce, Block: wait}).Result()
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
		if err := d.Redis.XDel(ctx, reports, m.ID).Err(); err != nil {
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
	}
	return d.ended(ctx, e)
}

// ended tells workers what is no longer wanted and removes what is no longer
// needed.
func (d *Desk) ended(ctx context.Context, e store.Ended) error {
	if err := d.void(ctx, e.Attempts...); err != nil {
		d.Log.Warn("cannot tell workers what is no longer wanted", "error", err) // their results are refused
	}
	var err error
	d.media.Lock()
	defer d.media.Unlock()
	for _, sum := range e.Unneeded {
		err = errors.Join(err, d.Media.Remove(ctx, sum))
	}
	return err
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
	d.Log.Warn("attempt failed", "attempt", r.Attempt, "step", a.Name, "crashed", string(r.Crashed), "left", left)
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
	case r.Files != nil:
		d.Log.Info("recording analysed", "recording", a.Recording)
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
		o.Probe, o.Length = doc, time.Duration(film.DurationS*float64(time.Second))
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
	}
	return o, nil
}

func (r report) sums() []blob.Sum {
	var list []blob.Sum
	if r.Result != "" {
		list = append(list, r.Result)
	}
	for _, sum := range r.Files {
		list = append(list, sum)
	}
	return list
}

// refuse drops what an attempt gave that does not count any more.
func (d *Desk) refuse(ctx context.Context, r report) error {
	d.media.Lock()
	defer d.media.Unlock()
	var err error
	for _, sum := range r.sums() {
		needed, nerr := d.Store.Needed(ctx, sum)
		if err = errors.Join(err, nerr); nerr == nil && !needed {
			err = errors.Join(err, d.Media.Remove(ctx, sum))
		}
	}
	return err
}

// Submit takes in a film that the media store has and gives its recording's id.
func (d *Desk) Submit(ctx context.Context, film store.Submission) (string, error) {
	film.First = first()
	ids, err := d.Store.Submit(ctx, film)
	if err != nil {
		return "", err
	}
	d.stir()
	return ids[0], nil
}

// Retry starts anew what failed or was cancelled.
func (d *Desk) Retry(ctx context.Context, id string) error {
	defer d.stir()
	return d.Store.Retry(ctx, id, first())
}

// Cancel stops the work on a recording for good.
func (d *Desk) Cancel(ctx context.Context, id string) error {
	e, err := d.Store.Cancel(ctx, id)
	if err != nil {
		return err
	}
	return d.ended(ctx, e)
}

// Delete removes a recording and all that came of it.
func (d *Desk) Delete(ctx context.Context, id string) error {
	e, err := d.Store.Delete(ctx, id)
	if err != nil {
		return err
	}
	return d.ended(ctx, e)
}
