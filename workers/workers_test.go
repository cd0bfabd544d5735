package workers_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
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
func work(dir string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	w := workers.Worker{
		Memory: 1 << 30, Dir: filepath.Join(dir, "work"), Log: told(), Pause: 50 * time.Millisecond,
		Realm:  workers.Realm(os.Getenv("DYADE_TEST_REALM")),
		Native: []string{"/usr/bin/env", as + "=" + asNative, os.Args[0]},
	}
	if door := os.Getenv("DYADE_TEST_DOOR"); door != "" {
		w.Media, err = blob.NewRemote(door, doorToken)
	} else {
		w.Media, err = blob.OpenFolder(filepath.Join(dir, "media"))
	}
	if err != nil {
		return err
	}
	if w.Redis, err = workers.Dial(os.Getenv("DYADE_TEST_REDIS")); err != nil {
		return err
	}
	return w.Run(ctx)
}

// place is a desk with all that it needs.
type place struct {
	t     testing.TB
	dir   string
	store *store.Store
	media *blob.Folder
	desk  *workers.Desk
	redis queue
	door  string // the media store's for workers on other hosts; empty: they are on this one
}

// setting is where a test takes place.
type setting struct {
	name  string
	redis func(t testing.TB, dir string) queue
	hosts bool // each worker is on a host of its own
}

var (
	onManaged  = setting{"managed", managed, false}
	onExternal = setting{"external", external, false}
	onCluster  = setting{"cluster", clustered, false}
	onSentinel = setting{"sentinel", watched, false}
	onHosts    = setting{"hosts", func(t testing.TB, _ string) queue { return overTLS(t, testenv.StageAddress) }, true}
)

// everywhere runs a test in each setting: on the stage that is the one of hosts,
// elsewhere those of one machine, and more.
func everywhere(t *testing.T, test func(t *testing.T, p *place), more ...setting) {
	t.Helper()
	settings := append([]setting{onManaged, onExternal}, more...)
	if testenv.OnStage() {
		settings = []setting{onHosts}
	}
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) { test(t, newPlace(t, s)) })
	}
}

// TestOnTwoHosts runs all tests with workers that share nothing with the desk but
// a network.
func TestOnTwoHosts(t *testing.T) {
	testenv.Stage(t, ".", "OnTwoHosts|Sentinel|Dial|Realm|MayShare|Former|Address|Urgent|NothingOf|WithoutModels")
}

func newPlace(t testing.TB, s setting) *place {
	t.Helper()
	dir := t.TempDir()
	p := &place{t: t, dir: dir, redis: s.redis(t, dir)}
	var err error
	if p.store, err = store.Open(context.Background(), filepath.Join(dir, "dyade.db"), time.Now); err != nil {
		t.Fatal(err)
	}
	if p.media, err = blob.OpenFolder(filepath.Join(dir, "media")); err != nil {
		t.Fatal(err)
	}
	client, err := workers.Dial(p.redis.address)
	if err != nil {
		t.Fatal(err)
	}
	p.desk = &workers.Desk{
		Redis: client, Realm: newRealm(t), Store: p.store, Media: p.media, Lang: i18n.French, Now: time.Now, Log: told(),
	}
	t.Cleanup(func() {
		if err := errors.Join(client.Close(), p.store.Check(context.Background()), p.store.Close()); err != nil {
			t.Error(err)
		}
	})
	if s.hosts {
		p.openDoor()
	}
	return p
}

// newRealm is nobody else's.
func newRealm(t testing.TB) workers.Realm {
	t.Helper()
	r, err := workers.NewRealm(strings.ToLower(rand.Text()))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const doorToken = "a token that nobody guesses"

// openDoor lets workers on other hosts to the media store.
func (p *place) openDoor() {
	p.t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(testenv.StageAddress, "0"))
	if err != nil {
		p.t.Fatal(err)
	}
	dir := p.t.TempDir()
	door, err := web.New(web.Options{
		Store: p.store, Media: p.media, Engine: p.desk, Token: doorToken, Uploads: filepath.Join(dir, "uploads"), Aside: filepath.Join(dir, "aside"),
		Metrics: prometheus.NewRegistry(), Log: told(),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(door.Handler())
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	p.t.Cleanup(srv.Close)
	p.door = srv.URL
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
	cmd, dir := exec.Command(os.Args[0]), p.dir
	if p.door != "" {
		cmd, dir = testenv.NewHost(p.t, p.dir).Command(os.Args[0]), p.t.TempDir()
	}
	cmd.Env = append(append(os.Environ(), as+"="+asWorker, "DYADE_TEST_DIR="+dir,
		"DYADE_TEST_REDIS="+p.redis.address, "DYADE_TEST_DOOR="+p.door, "DYADE_TEST_REALM="+string(p.desk.Realm)), env...)
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
func until(t testing.TB, what string, most time.Duration, condition func() bool) {
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

func clip(t testing.TB, from, length string) string {
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
	everywhere(t, twoWorkersDoWhatAnalyzeDoes, onCluster, onSentinel)
}

func twoWorkersDoWhatAnalyzeDoes(t *testing.T, p *place) {
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

func TestWhatCannotBeAnalysedFails(t *testing.T) { everywhere(t, whatCannotBeAnalysedFails) }

func whatCannotBeAnalysedFails(t *testing.T, p *place) {
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
func TestPoisonFailsAlone(t *testing.T) { everywhere(t, poisonFailsAlone) }

func poisonFailsAlone(t *testing.T, p *place) {
	var hanging blob.Sum
	p.desk.Within = func(a store.Attempt) time.Duration {
		if a.Film == hanging {
			return 2 * time.Second
		}
		return long
	}
	var poison []string
	var ids []string
	for i, harm := range []string{"abort", "hang", "bloat"} {
		id, sum := p.submit(clip(t, fmt.Sprint(10*i), "2"), store.Default)
		poison, ids = append(poison, harm+":"+string(sum)), append(ids, id)
		if harm == "hang" {
			hanging = sum
		}
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

func TestAKilledWorkersStepRunsAgain(t *testing.T) { everywhere(t, aKilledWorkersStepRunsAgain) }

func aKilledWorkersStepRunsAgain(t *testing.T, p *place) {
	path := clip(t, "8", "20")
	id, sum := p.submit(path, store.Default)
	p.open()
	// One that never gets on, so that it is surely killed at work.
	w := p.hire("DYADE_TEST_POISON=hang:" + string(sum))
	held := func() (id string) {
		keys, err := p.desk.Redis.Keys(context.Background(), "dyade:*:lease:*").Result()
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

// TestRedisMayBeLost: killed, and with it all that it held, in the midst of work.
func TestRedisMayBeLost(t *testing.T) { everywhere(t, redisMayBeLost) }

func redisMayBeLost(_ *testing.T, p *place) { p.loseRedis(2) }

// TestASentinelsRedisMayBeLost: another takes its place.
func TestASentinelsRedisMayBeLost(t *testing.T) { newPlace(t, onSentinel).loseRedis(1) }

func (p *place) loseRedis(times int) {
	p.t.Helper()
	p.open()
	p.hire()
	path := clip(p.t, "8", "20")
	id, _ := p.submit(path, store.Default)
	for n := range times {
		until(p.t, "some steps to be done", long, func() bool { return p.recording(id).StepsDone > 2+3*n })
		p.redis.lose()
	}
	p.becomes(id, store.Done)
	p.sameAs(id, path)
	p.clean()
}

func TestCancelEndsTheWork(t *testing.T) { everywhere(t, cancelEndsTheWork) }

func cancelEndsTheWork(t *testing.T, p *place) {
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
func children(t testing.TB, pid int) (list []string) {
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

func TestAWorkerThatStopsHandsBack(t *testing.T) { everywhere(t, aWorkerThatStopsHandsBack) }

func aWorkerThatStopsHandsBack(t *testing.T, p *place) {
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

func TestDeleteLeavesNothing(t *testing.T) { everywhere(t, deleteLeavesNothing) }

func deleteLeavesNothing(t *testing.T, p *place) {
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
