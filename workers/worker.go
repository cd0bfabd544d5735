package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"dyade/annotate/blob"
	"dyade/pipeline"
)

// Media is the media store as a worker needs it.
type Media interface {
	blob.Exchange
	// Local is where a blob's file lies on this machine: it is fetched into a folder
	// where it must be. It must not be changed.
	Local(ctx context.Context, sum blob.Sum, into string) (path string, err error)
	// Checked is Local of a blob that is surely what was put.
	Checked(ctx context.Context, sum blob.Sum, into string) (path string, err error)
}

// Worker does steps, one at a time.
type Worker struct {
	Redis  redis.UniversalClient
	Realm  Realm
	Media  Media
	Native []string // command of the native process, which calls Native
	Memory int64    // bytes that it may have resident
	Dir    string   // for what is under way, which workers of one machine may share
	// Pause is the time between looks for work while there is none.
	Pause time.Duration
	Log   *slog.Logger

	room  *room
	one   sync.Mutex // who does a step: asynq may give up waiting for one that ends
	child child
	film  blob.Sum // of the last step
	wave  blob.Sum // in which it stood
	steps []pipeline.Step
	pause time.Duration // before the next step, where something but films is amiss
}

// Run does steps until ctx is over; what it is at then is handed back. Redis is not
// to be closed after it: where that is away, asynq is still at it, and panics then.
func (w *Worker) Run(ctx context.Context) (err error) {
	if w.room, err = openRoom(w.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.room.leave()) }()
	w.child = child{command: w.Native, memory: w.Memory}
	defer w.rest()
	if !w.redisThere(ctx) {
		return nil
	}
	idle := time.AfterFunc(idleTime, w.rest)
	defer idle.Stop()
	srv := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
		Concurrency: 1, Queues: w.Realm.queues(), StrictPriority: true, TaskCheckInterval: w.Pause,
		ShutdownTimeout: 5 * time.Second, BaseContext: func() context.Context { return ctx },
		Logger: quiet{}, LogLevel: asynq.FatalLevel,
	})
	err = srv.Start(asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		w.one.Lock()
		defer w.one.Unlock()
		idle.Stop()
		defer idle.Reset(idleTime)
		return w.handle(ctx, t)
	}))
	if err != nil {
		return fmt.Errorf("start taking work: %w", err)
	}
	<-ctx.Done()
	left := make(chan struct{})
	go func() { defer close(left); srv.Shutdown() }()
	select {
	case <-left:
	case <-time.After(leaveTime): // Redis is away, for which asynq waits a minute and more
	}
	return nil
}

// leaveTime is how long leaving the queue may take.
const leaveTime = 7 * time.Second

// idleTime is how long a worker without work keeps its last film open, and the
// memory that this took.
const idleTime = 10 * time.Second

// rest lets go of what the last steps needed.
func (w *Worker) rest() {
	w.one.Lock()
	defer w.one.Unlock()
	w.child.stop()
	w.turnTo("")
}

// turnTo drops what was fetched for another film.
func (w *Worker) turnTo(film blob.Sum) {
	if w.film == film {
		return
	}
	w.film = film
	if err := os.RemoveAll(w.fetched()); err != nil {
		w.Log.Warn("cannot remove what was fetched for another film", "error", err)
	}
}

func (w *Worker) fetched() string { return filepath.Join(w.room.dir, "fetched") }

// redisThere waits until Redis answers; false where ctx is over first.
func (w *Worker) redisThere(ctx context.Context) bool {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for told := false; ctx.Err() == nil; {
		err := w.Redis.Ping(ctx).Err()
		if err == nil {
			return true
		}
		if !told {
			w.Log.Info("waiting for redis", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	return false
}

// quiet drops what asynq has to say of itself: its errors are Redis' being away,
// which the desk sees too.
type quiet struct{}

func (quiet) Debug(...any) {}
func (quiet) Info(...any)  {}
func (quiet) Warn(...any)  {}
func (quiet) Error(...any) {}
func (quiet) Fatal(...any) {}

// errVoid ends an attempt that does not count any more.
var errVoid = errors.New("the attempt does not count any more")

// handle does the step of one task. It has no error for asynq: who tries again, and
// when, is the desk's to say.
func (w *Worker) handle(ctx context.Context, at *asynq.Task) error {
	var t task
	if err := json.Unmarshal(at.Payload(), &t); err != nil {
		w.Log.Error("a task cannot be read", "error", err)
		return nil
	}
	mine, err := w.hold(ctx, t.Attempt)
	if err != nil {
		w.Log.Warn("cannot take an attempt; the desk gives it out again", "attempt", t.Attempt, "error", err)
	}
	if !mine {
		return nil
	}
	hctx, end := context.WithCancelCause(ctx)
	held := make(chan struct{})
	go func() { defer close(held); w.keepHolding(hctx, t.Attempt, end) }()
	r := w.attempt(hctx, t)
	lost := errors.Is(context.Cause(hctx), errVoid)
	end(nil)
	<-held
	if lost {
		w.Log.Info("attempt given up: it does not count any more", "attempt", t.Attempt, "step", t.Step)
		return nil
	}
	w.tell(ctx, r)
	w.wait(ctx, r.Back)
	return nil
}

// wait keeps a worker from taking the next step at once that cannot do any for
// now, longer each time.
func (w *Worker) wait(ctx context.Context, back bool) {
	const least, most = time.Second, 30 * time.Second
	if !back {
		w.pause = 0
		return
	}
	w.pause = min(max(2*w.pause, least), most)
	select {
	case <-ctx.Done():
	case <-time.After(w.pause):
	}
}

// hold takes the lease of an attempt, unless that does not count any more.
func (w *Worker) hold(ctx context.Context, attempt string) (bool, error) {
	n, err := w.Redis.Exists(ctx, w.Realm.voided(attempt)).Result()
	if err != nil || n > 0 {
		return false, err
	}
	err = w.Redis.Set(ctx, w.Realm.lease(attempt), os.Getpid(), leaseTime).Err() // whose, for people who look
	return err == nil, err
}

// keepHolding gives signs of life until ctx is over, and ends the attempt when it
// does not count any more.
func (w *Worker) keepHolding(ctx context.Context, attempt string, end context.CancelCauseFunc) {
	tick := time.NewTicker(signEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// Redis' being away is no reason to stop: the desk decides what counts.
		if held, err := w.hold(ctx, attempt); err == nil && !held {
			end(errVoid)
			return
		}
	}
}

// attempt does a step and says what came of it.
func (w *Worker) attempt(ctx context.Context, t task) report {
	w.turnTo(t.Film)
	r, err := w.do(ctx, t)
	var c *crash
	switch {
	case ctx.Err() != nil:
		r = report{Back: true}
	case errors.As(err, &c):
		w.Log.Warn("native process lost", "attempt", t.Attempt, "step", t.Step, "why", string(c.why))
		r = report{Crashed: c.why}
	case errors.Is(err, blob.ErrMissing), errors.Is(err, blob.ErrDamaged), errors.Is(err, errStep):
		r = report{Failed: err.Error()}
	case err != nil:
		// The disk is full, or the media store is out of reach: no fault of the film.
		w.Log.Warn("cannot do steps for now; handing back", "attempt", t.Attempt, "step", t.Step, "error", err)
		r = report{Back: true}
	}
	r.Attempt = t.Attempt
	return r
}

// errStep says that the step itself failed.
var errStep = errors.New("the step failed")

func (w *Worker) do(ctx context.Context, t task) (report, error) {
	dir, err := os.MkdirTemp(w.room.dir, "*")
	if err != nil {
		return report{}, err
	}
	defer os.RemoveAll(dir)
	j, err := w.job(ctx, t, dir)
	if err != nil {
		return report{}, err
	}
	begun := time.Now()
	done := func(r report) report {
		r.Took, r.Film = time.Since(begun), j.Step.Film()
		return r
	}
	r, err := w.child.do(ctx, j, t.Within)
	switch {
	case err != nil:
		return report{}, err
	case r.Unable:
		return report{}, fmt.Errorf("the native process: %s", r.Failed)
	case r.Unreadable != "":
		return report{Reason: string(r.Unreadable)}, nil
	case r.Failed != "":
		return report{}, fmt.Errorf("%w: %s", errStep, r.Failed)
	case !r.Done:
		told, err := w.missing(ctx, r, dir)
		return done(told), err
	case t.Step != assembleStep:
		sum, err := w.keep(ctx, filepath.Join(dir, resultFile))
		told := report{Result: sum}
		if t.Step == rankStep {
			told.Ranking = sum
		}
		return done(told), err
	}
	files, err := w.keepAll(ctx, dir)
	return done(report{Files: files}), err
}

// missing tells which steps are missing, and what was found without them.
func (w *Worker) missing(ctx context.Context, r reply, dir string) (told report, err error) {
	told = report{Missing: true, First: r.First}
	if r.Ranked {
		if told.Ranking, err = w.keep(ctx, filepath.Join(dir, rankingFile)); err != nil {
			return told, err
		}
	}
	told.Result, _, err = w.Media.Put(ctx, bytes.NewReader(encode(r.Missing)))
	return told, err
}

// job turns a task into what the native process needs.
func (w *Worker) job(ctx context.Context, t task, dir string) (j job, err error) {
	j = job{Sum: t.Film, Op: t.Step, Dir: dir}
	local := w.Media.Local
	if t.Step == probeStep {
		local = w.Media.Checked // once, before anything is made of it
	}
	if j.Film, err = local(ctx, t.Film, w.fetched()); err != nil {
		return j, err
	}
	switch {
	case t.Step == assembleStep, t.Step == rankStep:
		err = w.brief(ctx, t.Brief, &j)
	case t.Wave != "":
		j.Step, err = w.step(ctx, t.Wave, t.Place)
	}
	return j, err
}

// step is one of a wave, of which the worker mostly does several.
func (w *Worker) step(ctx context.Context, wave blob.Sum, place int) (pipeline.Step, error) {
	if w.wave != wave {
		var steps []pipeline.Step
		if err := w.read(ctx, wave, &steps); err != nil {
			return pipeline.Step{}, err
		}
		w.wave, w.steps = wave, steps
	}
	if place >= len(w.steps) {
		return pipeline.Step{}, fmt.Errorf("%w: number %d of %d is wanted", errStep, place, len(w.steps))
	}
	return w.steps[place], nil
}

func (w *Worker) brief(ctx context.Context, sum blob.Sum, j *job) error {
	var b brief
	if err := w.read(ctx, sum, &b); err != nil {
		return err
	}
	j.Name, j.Lang, j.Results = b.Name, b.Lang, map[string]string{}
	for key, result := range b.Results {
		path, err := w.Media.Local(ctx, result, w.fetched())
		if err != nil {
			return err
		}
		j.Results[key] = path
	}
	return nil
}

func (w *Worker) read(ctx context.Context, sum blob.Sum, into any) error {
	doc, err := blob.Bytes(ctx, w.Media, sum)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(doc, into); err != nil {
		return fmt.Errorf("%w: read what it is: %w", errStep, err)
	}
	return nil
}

func (w *Worker) keep(ctx context.Context, path string) (blob.Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, _, err := w.Media.Put(ctx, f)
	return sum, err
}

func (w *Worker) keepAll(ctx context.Context, dir string) (map[string]blob.Sum, error) {
	files := map[string]blob.Sum{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		sum, err := w.keep(ctx, path)
		files[d.Name()] = sum
		return err
	})
	return files, err
}

// tell reports to the desk, and gives the lease back. Where Redis is away for long
// the desk gives the step out again; a worker that is to end does not wait for that.
func (w *Worker) tell(ctx context.Context, r report) {
	most := 20 * time.Second
	if ctx.Err() != nil {
		most = 3 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	for ctx.Err() == nil {
		err := w.Redis.XAdd(ctx, &redis.XAddArgs{Stream: w.Realm.reports(), Values: []string{"report", string(encode(r))}}).Err()
		if err == nil {
			if err := w.Redis.Del(ctx, w.Realm.lease(r.Attempt)).Err(); err != nil {
				w.Log.Debug("cannot give a lease back; it ends by itself", "attempt", r.Attempt, "error", err)
			}
			return
		}
		w.Log.Warn("cannot report; trying again", "attempt", r.Attempt, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}
