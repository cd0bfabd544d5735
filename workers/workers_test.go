package workers_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
	"dyade/internal/testenv"
	"dyade/models"
	"dyade/pipeline"
	"dyade/pipeline/decode"
	"dyade/workers"
)

// told is where what happens is written to: `go test -v` shows it.
func told() *slog.Logger {
	if os.Getenv("DYADE_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// As what this test program runs, beside tests.
const (
	as       = "DYADE_TEST_AS"
	asNative = "native"
	asWorker = "worker"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(as) {
	case asNative:
		if err = testenv.UseShare(); err == nil {
			err = workers.Native(context.Background(), poisoned(os.Stdin), os.Stdout)
		}
	case asWorker:
		err = work(os.Getenv("DYADE_TEST_DIR"))
	default:
		testenv.Main(m, decode.Live, testenv.Count("networks or tensors", models.Live))
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// poisoned passes jobs on, but those of films that DYADE_TEST_POISON names, on
// which native code does what it should not.
func poisoned(in io.Reader) io.Reader {
	r, w := io.Pipe()
	poison := map[string]string{}
	for p := range strings.FieldsSeq(os.Getenv("DYADE_TEST_POISON")) {
		harm, sum, _ := strings.Cut(p, ":")
		poison[sum] = harm
	}
	go func() {
		lines := bufio.NewReader(in)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				w.CloseWithError(err)
				return
			}
			for sum, harm := range poison {
				if bytes.Contains(line, []byte(sum)) {
					do(harm)
				}
			}
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	}()
	return r
}

func do(harm string) {
	switch harm {
	case "abort":
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
	case "bloat":
		var eaten [][]byte
		for len(eaten) < 1000 {
			eaten = append(eaten, bytes.Repeat([]byte{1}, 64<<20))
		}
		fmt.Fprintln(os.Stderr, "nobody minded", len(eaten))
	}
	for {
		_ = syscall.Pause()
	}
}

// work is a worker's process.
func work(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	media, err := blob.OpenFolder(filepath.Join(dir, "media"))
	if err != nil {
		return err
	}
	w := worker(dir, media)
	defer func() { _ = w.Redis.Close() }()
	return w.Run(ctx)
}

func worker(dir string, media *blob.Folder) *workers.Worker {
	return &workers.Worker{
		Redis: dial(dir), Media: media, Memory: 1 << 30, Dir: filepath.Join(dir, "work"), Log: told(),
		Native: []string{"/usr/bin/env", as + "=" + asNative, os.Args[0]},
	}
}

func dial(dir string) redis.UniversalClient {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, "redis", "redis.sock"), MaxRetries: 1})
}

// place is a desk with all that it needs.
type place struct {
	t      *testing.T
	dir    string
	store  *store.Store
	media  *blob.Folder
	desk   *workers.Desk
	server *workers.Server
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	p := &place{t: t, dir: dir, server: &workers.Server{Dir: filepath.Join(dir, "redis"), Log: told()}}
	var err error
	if p.store, err = store.Open(ctx, filepath.Join(dir, "dyade.db"), time.Now); err != nil {
		t.Fatal(err)
	}
	if p.media, err = blob.OpenFolder(filepath.Join(dir, "media")); err != nil {
		t.Fatal(err)
	}
	p.desk = &workers.Desk{
		Redis: dial(dir), Store: p.store, Media: p.media, Lang: i18n.French, Now: time.Now, Log: told(),
	}
	var running sync.WaitGroup
	ready := make(chan struct{})
	var once sync.Once
	running.Go(func() {
		if err := p.server.Run(ctx, func() { once.Do(func() { close(ready) }) }); err != nil {
			t.Error(err)
		}
	})
	<-ready
	t.Cleanup(func() {
		stop()
		running.Wait()
		if err := p.desk.Redis.Close(); err != nil {
			t.Error(err)
		}
		if err := p.store.Check(context.Background()); err != nil {
			t.Error(err)
		}
		if err := p.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// open runs the desk until the test ends.
func (p *place) open() {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.desk.Run(ctx) })
	p.t.Cleanup(func() { stop(); running.Wait() })
}

// hire starts a worker's process, which ends with the test.
func (p *place) hire(env ...string) *exec.Cmd {
	p.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), as+"="+asWorker, "DYADE_TEST_DIR="+p.dir), env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	return cmd
}

// submit takes a film in and gives its id and sum.
func (p *place) submit(path string, q store.Queue) (string, blob.Sum) {
	p.t.Helper()
	ctx := context.Background()
	f, err := os.Open(path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	sum, n, err := p.media.Put(ctx, f)
	if err != nil {
		p.t.Fatal(err)
	}
	id, err := p.desk.Submit(ctx, store.Submission{Sum: sum, Name: filepath.Base(path), SizeBytes: n, Queue: q})
	if err != nil {
		p.t.Fatal(err)
	}
	return id, sum
}

// until waits for a condition.
func until(t *testing.T, what string, most time.Duration, condition func() bool) {
	t.Helper()
	over := time.After(most)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-over:
			t.Fatalf("%s: not within %v", what, most)
		case <-tick.C:
		}
	}
}

const long = 3 * time.Minute

func (p *place) becomes(id string, want store.State) store.Recording {
	p.t.Helper()
	var r store.Recording
	until(p.t, fmt.Sprintf("recording to be %s", want), long, func() bool {
		var err error
		if r, err = p.store.Recording(context.Background(), id); err != nil {
			p.t.Fatal(err)
		}
		if r.State != store.Working && r.State != want {
			p.t.Fatalf("it is %s: %s", r.State, r.Failure)
		}
		return r.State == want
	})
	return r
}

func (p *place) recording(id string) store.Recording {
	p.t.Helper()
	r, err := p.store.Recording(context.Background(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// sameAs compares a recording's files with those of `analyze`, and makes sure that
// nothing else is left in the media store.
func (p *place) sameAs(id, path string) {
	p.t.Helper()
	ctx := context.Background()
	want := p.t.TempDir()
	r, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: 2})
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Close()
	if err := r.Write(ctx, want, i18n.French, pipeline.Options{}); err != nil {
		p.t.Fatal(err)
	}
	files, err := p.store.Files(ctx, id)
	if err != nil {
		p.t.Fatal(err)
	}
	names, err := os.ReadDir(want)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(files) != len(names) {
		p.t.Errorf("files %v", files)
	}
	for _, n := range names {
		a, err := os.ReadFile(filepath.Join(want, n.Name()))
		if err != nil {
			p.t.Fatal(err)
		}
		if blob.Of(a) != files[n.Name()] {
			p.t.Errorf("%s differs", n.Name())
		}
	}
}

// clean makes sure that the media store holds what is needed, whole, and no more.
func (p *place) clean() {
	p.t.Helper()
	ctx := context.Background()
	until(p.t, "media store to be tidy", long, func() bool {
		stray := false
		err := p.media.Each(ctx, func(sum blob.Sum, _ time.Time) error {
			needed, err := p.store.Needed(ctx, sum)
			stray = stray || !needed
			return err
		})
		return err == nil && !stray
	})
	err := p.media.Each(ctx, func(sum blob.Sum, _ time.Time) error { return blob.Verify(ctx, p.media, sum) })
	if err != nil {
		p.t.Error(err)
	}
}

func clip(t *testing.T, from, length string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "clip.mp4")
	sample := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	cmd := exec.Command("ffmpeg", "-v", "error", "-ss", from, "-t", length, "-i", sample, "-c", "copy", out)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return out
}

func TestTwoWorkersDoWhatAnalyzeDoes(t *testing.T) {
	p := newPlace(t)
	p.open()
	p.hire()
	p.hire()
	path := clip(t, "8", "20")
	id, _ := p.submit(path, store.Default)
	if r := p.becomes(id, store.Done); r.Duration < 19*time.Second || !bytes.Contains(r.Probe, []byte("h264")) {
		t.Errorf("it is %+v", r)
	}
	p.sameAs(id, path)
	p.clean()
}

func TestWhatCannotBeAnalysedFails(t *testing.T) {
	p := newPlace(t)
	p.open()
	p.hire()
	path := filepath.Join(t.TempDir(), "notes.mp4")
	if err := os.WriteFile(path, []byte("these are notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	id, _ := p.submit(path, store.Default)
	if r := p.becomes(id, store.Failed); r.Failure != string(decode.NotMedia) {
		t.Errorf("it failed for %q", r.Failure)
	}
	p.clean()
}

// TestPoisonFailsAlone: native code aborts, hangs and eats memory over three
// recordings; a fourth is analysed by the same worker.
func TestPoisonFailsAlone(t *testing.T) {
	p := newPlace(t)
	p.desk.Within = func(store.Attempt) time.Duration { return 20 * time.Second }
	var poison []string
	var ids []string
	for i, harm := range []string{"abort", "hang", "bloat"} {
		id, sum := p.submit(clip(t, fmt.Sprint(10*i), "2"), store.Default)
		poison, ids = append(poison, harm+":"+string(sum)), append(ids, id)
	}
	good := clip(t, "30", "3")
	last, _ := p.submit(good, store.Default)
	p.open()
	w := p.hire("DYADE_TEST_POISON=" + strings.Join(poison, " "))
	for i, id := range ids {
		if r := p.becomes(id, store.Failed); r.Failure != workers.ReasonCrash {
			t.Errorf("%s: failed for %q", poison[i], r.Failure)
		}
	}
	p.becomes(last, store.Done)
	p.sameAs(last, good)
	if err := w.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the worker did not live on: %v", err)
	}
	p.clean()
}

func TestAKilledWorkersStepRunsAgain(t *testing.T) {
	p := newPlace(t)
	path := clip(t, "8", "20")
	id, sum := p.submit(path, store.Default)
	p.open()
	// One that never gets on, so that it is surely killed at work.
	w := p.hire("DYADE_TEST_POISON=hang:" + string(sum))
	held := func() (id string) {
		keys, err := p.desk.Redis.Keys(context.Background(), "dyade:{attempts}:lease:*").Result()
		if err != nil || len(keys) == 0 {
			return ""
		}
		return keys[0]
	}
	until(t, "the step to be held", long, func() bool { return held() != "" })
	first := held()
	if err := w.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	p.hire()
	until(t, "the step to be held by another", long, func() bool { h := held(); return h != "" && h != first })
	t.Logf("it ran again after %v", time.Since(killed).Round(time.Millisecond))
	p.becomes(id, store.Done)
	p.sameAs(id, path)
	p.clean()
}

// TestRedisMayBeLost: killed, and what it wrote removed, in the midst of work.
func TestRedisMayBeLost(t *testing.T) {
	p := newPlace(t)
	p.open()
	p.hire()
	path := clip(t, "8", "20")
	id, _ := p.submit(path, store.Default)
	for n := range 2 {
		until(t, "some steps to be done", long, func() bool { return p.recording(id).StepsDone > 2+3*n })
		if err := os.RemoveAll(filepath.Join(p.dir, "redis", "appendonlydir")); err != nil {
			t.Fatal(err)
		}
		pid := p.server.Pid()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, "redis to be there again", long, func() bool { now := p.server.Pid(); return now != 0 && now != pid })
	}
	p.becomes(id, store.Done)
	p.sameAs(id, path)
	p.clean()
}

func TestCancelEndsTheWork(t *testing.T) {
	p := newPlace(t)
	path := clip(t, "8", "20")
	id, sum := p.submit(path, store.Default)
	p.open()
	w := p.hire("DYADE_TEST_POISON=hang:" + string(sum))
	until(t, "native process to be at it", long, func() bool { return len(children(t, w.Process.Pid)) > 0 })
	if err := p.desk.Cancel(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	cancelled := time.Now()
	until(t, "native process to be gone", long, func() bool { return len(children(t, w.Process.Pid)) == 0 })
	t.Logf("its process was gone after %v", time.Since(cancelled).Round(time.Millisecond))
	if r := p.recording(id); r.State != store.Cancelled {
		t.Errorf("it is %s", r.State)
	}
	p.clean()
}

// children lists the processes that one has started and that do something.
func children(t *testing.T, pid int) (list []string) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err == nil {
			list = append(list, strings.Fields(string(doc))...)
		}
	}
	return list
}

func TestAWorkerThatStopsHandsBack(t *testing.T) {
	p := newPlace(t)
	path := clip(t, "8", "20")
	id, sum := p.submit(path, store.Default)
	p.open()
	w := p.hire("DYADE_TEST_POISON=hang:" + string(sum))
	until(t, "native process to be at it", long, func() bool { return len(children(t, w.Process.Pid)) > 0 })
	if err := w.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	_ = w.Wait()
	t.Logf("it stopped after %v", time.Since(stopped).Round(time.Millisecond))
	p.hire()
	p.becomes(id, store.Done)
	p.clean()
}

func TestDeleteLeavesNothing(t *testing.T) {
	p := newPlace(t)
	p.open()
	p.hire()
	path := clip(t, "8", "6")
	done, _ := p.submit(path, store.Default)
	p.becomes(done, store.Done)
	under, _ := p.submit(clip(t, "20", "20"), store.Default)
	until(t, "some steps to be done", long, func() bool { return p.recording(under).StepsDone > 1 })
	for _, id := range []string{done, under} {
		if err := p.desk.Delete(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "media store to be empty", long, func() bool {
		left := 0
		err := p.media.Each(context.Background(), func(blob.Sum, time.Time) error { left++; return nil })
		return err == nil && left == 0
	})
}
