package storm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // to lock the database
)

// kind of fault.
type kind struct {
	name string
	// share of the faults that are not needed to have one of each kind.
	share int
	// strike does it, and lasts as long as it does. It gives the attempts that it
	// should have ended, nil where there was none.
	strike func(ctx context.Context, e *engine) (attempts []string, err error)
	// felt tells from the log whether a strike has interrupted live work.
	felt func(e *engine, f fault) bool
}

// fault is one that struck.
type fault struct {
	kind     *kind
	at       time.Time
	attempts []string
}

var kinds = []*kind{
	{"a job process killed", 6, killWorker, attemptsEnded},
	{"its native process killed", 6, killNative, attemptsEnded},
	{"the server killed", 4, killServer, attemptsEnded},
	{"redis-server killed", 4, killRedis, redisMissed},
	{"a job process paused beyond its lease", 5, pauseWorker, attemptsEnded},
	{"everything paused for minutes", 0, closeLid, lidClosed},
	{"redis emptied", 4, emptyRedis, attemptsEnded},
	{"the disk full", 4, fillDisk, func(e *engine, f fault) bool {
		return e.server.journal.any(f.at, says("no space left", "disk is full", "disk full", "NOSPC"))
	}},
	{"the clock jumps", 5, jumpClock, func(_ *engine, f fault) bool { return len(f.attempts) > 0 }},
	{"the database locked", 3, lockDatabase, func(e *engine, f fault) bool {
		return e.server.journal.any(f.at, says("database is locked", "SQLITE_BUSY"))
	}},
}

// engine makes faults.
type engine struct {
	o      Options
	server *server
	rand   *rand.Rand

	mu     sync.Mutex
	struck []fault
	err    error
}

// blow makes all faults, and waits until those that last are over. What did not
// interrupt work is tried again.
func (e *engine) blow(ctx context.Context) error {
	var lasting sync.WaitGroup
	defer lasting.Wait()
	for n, k := range e.plan() {
		e.strike(ctx, n+1, k, &lasting)
		wait(ctx, e.between(0, 3*time.Second))
	}
	lasting.Wait()
	const mostTries = 5
	for range mostTries {
		missing := e.unfelt(ctx)
		for _, k := range missing {
			e.o.Say("not felt yet: %s", k.name)
			e.strike(ctx, len(e.struck)+1, k, &lasting)
		}
		lasting.Wait()
		if len(missing) == 0 || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(e.err, ctx.Err())
}

// plan is which faults come, in which order: each kind once, and more of them by
// their shares.
func (e *engine) plan() []*kind {
	all := slices.Clone(kinds)
	var lots []*kind
	for _, k := range kinds {
		for range k.share {
			lots = append(lots, k)
		}
	}
	for len(all) < e.o.Faults {
		all = append(all, lots[e.rand.IntN(len(lots))])
	}
	e.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// strike waits for live work and makes a fault of a kind; it may last longer than
// this call.
func (e *engine) strike(ctx context.Context, n int, k *kind, lasting *sync.WaitGroup) {
	const most = 3 * time.Minute
	if err := until(ctx, "live work", most, func() bool { return len(e.server.held(ctx)) > 0 }); err != nil {
		e.fail(fmt.Errorf("before fault %d: %w", n, err))
		return
	}
	e.o.Say("%d: %s", n, k.name)
	began := make(chan struct{})
	lasting.Go(func() {
		at := time.Now()
		ctx := context.WithValue(ctx, beganKey{}, sync.OnceFunc(func() { close(began) }))
		attempts, err := k.strike(ctx, e)
		started(ctx)
		if err != nil && ctx.Err() == nil {
			e.fail(fmt.Errorf("fault %d, %s: %w", n, k.name, err))
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		e.struck = append(e.struck, fault{k, at, attempts})
	})
	select {
	case <-began:
	case <-ctx.Done():
	}
}

// beganKey is where a fault finds what tells that it has struck.
type beganKey struct{}

// started lets the next fault come while this one lasts.
func started(ctx context.Context) {
	if tell, ok := ctx.Value(beganKey{}).(func()); ok {
		tell()
	}
}

func (e *engine) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = errors.Join(e.err, err)
}

// unfelt lists the kinds no fault of which interrupted live work, once the log has
// had time to say so.
func (e *engine) unfelt(ctx context.Context) (missing []*kind) {
	const most = 20 * time.Second
	_ = until(ctx, "all faults to be felt", most, func() bool {
		missing = nil
		for _, k := range kinds {
			if e.felt(k) == 0 {
				missing = append(missing, k)
			}
		}
		return len(missing) == 0
	})
	return missing
}

func (e *engine) felt(k *kind) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.struck {
		if f.kind == k && k.felt(e, f) {
			n++
		}
	}
	return n
}

// verdict says how often each kind struck and was felt; a kind that never was is an
// error.
func (e *engine) verdict() (err error) {
	for _, k := range kinds {
		n, felt := 0, e.felt(k)
		for _, f := range e.struck {
			if f.kind == k {
				n++
			}
		}
		e.o.Say("%s: %d times, interrupted live work %d times", k.name, n, felt)
		if felt == 0 {
			err = errors.Join(err, fmt.Errorf("%s: it never interrupted live work, so nothing is proved", k.name))
		}
	}
	return err
}

func attemptsEnded(e *engine, f fault) bool { return e.server.journal.any(f.at, ended(f.attempts)) }

// victim chooses a worker at work and stops it, with its native process, so that it
// is surely at work when something is done to it.
func (e *engine) victim(ctx context.Context) (pid int, attempts []string, err error) {
	err = until(ctx, "a worker at work", time.Minute, func() bool {
		held := e.server.held(ctx)
		if len(held) == 0 {
			return false
		}
		pids := slices.Sorted(maps.Values(held))
		pid = pids[e.upTo(len(pids))]
		if e.signal(pid, syscall.SIGSTOP) != nil {
			return false
		}
		attempts = nil
		for a, of := range e.server.held(ctx) { // it may have gone on to another
			if of == pid {
				attempts = append(attempts, a)
			}
		}
		if len(attempts) == 0 {
			_ = e.signal(pid, syscall.SIGCONT)
		}
		return len(attempts) > 0
	})
	return pid, attempts, err
}

// signal sends one to a worker and its native process.
func (e *engine) signal(pid int, sig syscall.Signal) (err error) {
	for _, p := range append(children(pid), pid) {
		err = errors.Join(err, kill(p, sig))
	}
	return err
}

func killWorker(ctx context.Context, e *engine) ([]string, error) {
	pid, attempts, err := e.victim(ctx)
	if err != nil {
		return nil, err
	}
	return attempts, kill(pid, syscall.SIGKILL)
}

func killNative(ctx context.Context, e *engine) ([]string, error) {
	pid, attempts, err := e.victim(ctx)
	if err != nil {
		return nil, err
	}
	for _, child := range children(pid) {
		err = errors.Join(err, kill(child, syscall.SIGKILL))
	}
	return attempts, errors.Join(err, kill(pid, syscall.SIGCONT))
}

func killServer(ctx context.Context, e *engine) ([]string, error) {
	attempts := slices.Collect(maps.Keys(e.server.held(ctx)))
	return attempts, kill(e.server.pid(), syscall.SIGKILL)
}

// killRedis kills redis-server as often as it comes back for some seconds: it is
// started again so soon that hardly anyone would miss it.
func killRedis(ctx context.Context, e *engine) ([]string, error) {
	attempts := slices.Collect(maps.Keys(e.server.held(ctx)))
	for over := time.Now().Add(e.between(time.Second, 4*time.Second)); time.Now().Before(over) && ctx.Err() == nil; {
		if err := kill(named(e.server.pid(), "redis-server"), syscall.SIGKILL); err != nil {
			return nil, err
		}
		started(ctx)
		wait(ctx, 10*time.Millisecond)
	}
	return attempts, nil
}

// redisMissed tells whether someone at work missed Redis.
func redisMissed(e *engine, f fault) bool {
	return len(f.attempts) > 0 && e.server.journal.any(f.at, func(x entry) bool {
		return x.Time.Sub(f.at) < 10*time.Second && strings.HasPrefix(x.Msg, "cannot ")
	})
}

func emptyRedis(ctx context.Context, e *engine) ([]string, error) {
	attempts, err := e.server.column(ctx, "SELECT attempt FROM steps WHERE state = 'queued'")
	if err != nil {
		return nil, err
	}
	err = until(ctx, "redis", time.Minute, func() bool { return e.server.redis.FlushAll(ctx).Err() == nil })
	return attempts, err
}

// kill sends a signal; a process that is gone already is none of ours any more.
func kill(pid int, sig syscall.Signal) error {
	if pid <= 0 {
		return nil
	}
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %d: %w", pid, err)
	}
	return nil
}

// upTo gives a number at random below n.
func (e *engine) upTo(n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.rand.IntN(n)
}

// between gives a time at random.
func (e *engine) between(least, most time.Duration) time.Duration {
	return least + time.Duration(e.upTo(int((most-least)/time.Millisecond)))*time.Millisecond
}

func pauseWorker(ctx context.Context, e *engine) ([]string, error) {
	pid, attempts, err := e.victim(ctx)
	if err != nil {
		return nil, err
	}
	for _, child := range children(pid) { // it gets done what its worker cannot give any more
		err = errors.Join(err, kill(child, syscall.SIGCONT))
	}
	started(ctx)
	wait(ctx, e.between(8*time.Second, 15*time.Second))
	return attempts, errors.Join(err, kill(pid, syscall.SIGCONT))
}

// A lid is closed for so long.
const lidTime = 125 * time.Second

func closeLid(ctx context.Context, e *engine) ([]string, error) {
	attempts := slices.Collect(maps.Keys(e.server.held(ctx)))
	all := processes(e.server.data)
	for _, pid := range all {
		if err := kill(pid, syscall.SIGSTOP); err != nil {
			return nil, err
		}
	}
	wait(ctx, lidTime) // nothing else happens meanwhile
	var err error
	for _, pid := range all {
		err = errors.Join(err, kill(pid, syscall.SIGCONT))
	}
	return attempts, err
}

// lidClosed tells whether nothing went on with a lid closed over live work.
func lidClosed(e *engine, f fault) bool {
	return len(f.attempts) > 0 && !e.server.journal.any(f.at.Add(2*time.Second), func(x entry) bool {
		return x.Time.Before(f.at.Add(lidTime - 2*time.Second))
	})
}

// fillDisk leaves no room for some seconds, also not that of what is removed
// meanwhile.
func fillDisk(ctx context.Context, e *engine) ([]string, error) {
	attempts := slices.Collect(maps.Keys(e.server.held(ctx)))
	ballast, err := os.CreateTemp(e.o.Dir, "ballast-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(ballast.Name())
	defer ballast.Close()
	over := time.Now().Add(e.between(5*time.Second, 12*time.Second))
	block := make([]byte, 64<<10)
	for time.Now().Before(over) && ctx.Err() == nil {
		for {
			if _, err := ballast.Write(block); err != nil {
				if !errors.Is(err, syscall.ENOSPC) {
					return nil, err
				}
				break
			}
		}
		started(ctx)
		wait(ctx, 20*time.Millisecond)
	}
	return attempts, nil
}

// jumpClock makes the server's clock wrong by up to a day either way, and waits until
// work was written down at that time.
func jumpClock(ctx context.Context, e *engine) ([]string, error) {
	attempts := slices.Collect(maps.Keys(e.server.held(ctx)))
	off := e.between(time.Hour, 24*time.Hour)
	if e.upTo(2) == 0 {
		off = -off
	}
	if err := e.server.jump(off); err != nil {
		return nil, err
	}
	started(ctx)
	const most, near = 30 * time.Second, time.Minute
	err := until(ctx, "work by the clock that jumped", most, func() bool {
		then := time.Now().Add(off)
		seen, err := e.server.column(ctx, fmt.Sprintf("SELECT id FROM recordings WHERE changed_ms BETWEEN %d AND %d",
			then.Add(-near).UnixMilli(), then.Add(near).UnixMilli()))
		return err == nil && len(seen) > 0
	})
	if err != nil {
		return nil, nil //nolint:nilerr // it jumped again, or nothing went on: not felt
	}
	return attempts, nil
}

// lockDatabase takes the database for longer than anyone waits for it.
func lockDatabase(ctx context.Context, e *engine) (attempts []string, err error) {
	attempts = slices.Collect(maps.Keys(e.server.held(ctx)))
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.server.data, "dyade.db")+"?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	started(ctx)
	wait(ctx, e.between(12*time.Second, 16*time.Second))
	return attempts, tx.Rollback()
}
