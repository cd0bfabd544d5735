package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
	"dyade/pipeline"
)

// Desk gives out the steps of what the database says is to be done, and accepts
// what comes back. One Desk serves a database.
type Desk struct {
	Redis redis.UniversalClient
	Realm Realm
	Own   bool // Redis is nobody else's
	Store *store.Store
	Media blob.Store
	Lang  i18n.Lang // of what analyses write for people
	Now   func() time.Time
	Log   *slog.Logger
	Meter *Meter // nil: nothing is measured
	// Within is how long a step may take; nil: as this package thinks.
	Within func(store.Attempt) time.Duration

	// Accepting a blob and removing one that nobody needs must not cross.
	media  sync.Mutex
	holds  int        // how many want nothing removed for now
	unsaid []blob.Sum // what was to be removed meanwhile
	once   sync.Once
	wake   chan struct{}
	tidied time.Time      // when the media store last was
	away   map[string]int // looks at which an active attempt was held by nobody
	forget atomic.Bool    // something was deleted that logs may still hold
	doubt  atomic.Bool    // Redis may have lost what it held

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
func (d *Desk) Run(ctx context.Context) {
	d.once.Do(d.prepare)
	d.away = map[string]int{}
	d.forget.Store(true) // a server that was killed may not have come to it
	d.Redis.AddHook(fresh{d})
	d.client, d.inspector = asynq.NewClientFromRedisClient(d.Redis), asynq.NewInspectorFromRedisClient(d.Redis)
	var both sync.WaitGroup
	if d.Within == nil {
		d.Within = within
	}
	both.Go(func() { d.accept(ctx) })
	both.Go(func() { d.give(ctx) })
	both.Wait()
}

func (d *Desk) prepare() { d.wake = make(chan struct{}, 1) }

// Doubt tells that Redis may have lost what it held: it was away, or is new.
func (d *Desk) Doubt() {
	d.doubt.Store(true)
	d.stir()
}

// fresh doubts at each new connection: the one before may have been to a server
// that is no more. The nodes of a Cluster do not tell.
type fresh struct{ desk *Desk }

func (f fresh) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		if err == nil {
			f.desk.Doubt()
		}
		return conn, err
	}
}

func (fresh) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (fresh) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

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
	d.doubt.Store(true)
	for {
		var err error
		if d.doubt.Swap(false) {
			err = d.reconcile(ctx)
		}
		if err == nil {
			err = errors.Join(d.findLost(ctx), d.dispatch(ctx))
			d.forgetDeleted(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.doubt.Store(true)
			d.Log.Warn("cannot give out work; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-look.C:
		case <-whole.C:
			d.doubt.Store(true)
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
	if a.Name == assembleStep || a.Name == rankStep {
		var err error
		if t.Brief, err = d.brief(ctx, a.Recording); err != nil {
			return err
		}
	}
	_, err := d.client.EnqueueContext(ctx, asynq.NewTask(taskType, encode(t)),
		asynq.TaskID(a.ID), asynq.Queue(d.Realm.queueOf(a)), asynq.MaxRetry(0), asynq.Timeout(mostTime))
	if err == nil {
		d.Meter.gave(a.Name)
	}
	return err
}

// mostTime is asynq's limit for a task, which is never to end one: it would count
// the hours in which a laptop's lid was closed. Workers count what they are awake.
const mostTime = 1000 * time.Hour

// within is how long a step may take: several times what it does on a slow
// machine.
func within(a store.Attempt) time.Duration {
	const least = 2 * time.Minute
	switch a.Name {
	case probeStep:
		return 10 * time.Minute // it reads the film whole
	case pipeline.HearStep:
		return least + a.Duration
	case assembleStep, rankStep:
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
	sum, _, err := d.Media.Put(ctx, bytes.NewReader(encode(b)))
	if err != nil {
		return "", err
	}
	return sum, d.Store.Need(ctx, id, sum)
}

// findLost gives out again what workers were at that are gone.
func (d *Desk) findLost(ctx context.Context) error {
	seen := map[string]bool{}
	for queue := range d.Realm.queues() {
		active, err := d.inspector.ListActiveTasks(queue, asynq.PageSize(1000))
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue // it has had no task
		}
		if err != nil {
			return err
		}
		for _, t := range active {
			held, err := d.Redis.Exists(ctx, d.Realm.lease(t.ID)).Result()
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
		d.Meter.failed(ofAttempt, causeLost)
		d.Log.Info("attempt lost", "attempt", attempt)
	}
	return d.void(ctx, attempt)
}

// void tells workers that attempts do not count any more.
func (d *Desk) void(ctx context.Context, attempts ...string) error {
	for _, a := range attempts {
		if err := d.Redis.Set(ctx, d.Realm.voided(a), 1, voidTime).Err(); err != nil {
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
		switch info, err := d.inspector.GetTaskInfo(d.Realm.queueOf(a), a.ID); {
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
	if err := d.tidyRedis(ctx); err != nil {
		return err
	}
	return d.tidy(ctx)
}

// Submit takes in a film that the media store has and gives its recording's id.
// The error wraps blob.ErrMissing where it was removed since: another recording of
// the same film was deleted at that moment.
func (d *Desk) Submit(ctx context.Context, film store.Submission) (string, error) {
	ids, err := d.SubmitAll(ctx, []store.Submission{film})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// SubmitAll takes in several, all or none.
func (d *Desk) SubmitAll(ctx context.Context, films []store.Submission) ([]string, error) {
	d.media.Lock()
	defer d.media.Unlock()
	for i := range films {
		films[i].First = probe()
		if _, err := d.Media.Size(ctx, films[i].Sum); err != nil {
			return nil, err
		}
	}
	ids, err := d.Store.Submit(ctx, films...)
	if err != nil {
		return nil, err
	}
	d.stir()
	return ids, nil
}

// Retry starts anew what failed or was cancelled.
func (d *Desk) Retry(ctx context.Context, id string) error {
	defer d.stir()
	return d.Store.Retry(ctx, id, probe())
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
	defer d.stir()
	d.forget.Store(true)
	return d.ended(ctx, e)
}
