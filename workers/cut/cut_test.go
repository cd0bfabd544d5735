package cut_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/pipeline/decode"
	"dyade/workers/cut"
)

// TestMain is the native process too, where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "cut" {
		if err := cut.Native(context.Background(), os.Stdin, os.Stdout, render); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// render does what the reel's title says.
func render(ctx context.Context, plan annotate.Reel, films map[string]string, out string, progress func(done, of float64)) (any, error) {
	progress(1, 10)
	switch plan.Title {
	case "crash":
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
		select {} // another thread may take the signal, while this one went on to say that it is done
	case "unreadable":
		for _, path := range films {
			return nil, fmt.Errorf("open: %w", &decode.Unreadable{Path: path, Reason: decode.NotMedia})
		}
	case "unfit":
		return nil, fmt.Errorf("plan: %w", &cut.Unfit{Reason: "no_picture", Part: 1})
	case "full":
		return nil, fmt.Errorf("write: %w", syscall.ENOSPC)
	case "fail":
		for _, path := range films {
			return nil, errors.New("it broke off at " + path)
		}
	case "slow":
		if err := os.WriteFile(out+".part", []byte("half"), 0o600); err != nil {
			return nil, err
		}
		<-ctx.Done()
		return nil, ctx.Err()
	case "bloat":
		var eaten [][]byte
		for len(eaten) < 100 {
			eaten = append(eaten, []byte(strings.Repeat("x", 16<<20)))
		}
		<-ctx.Done()
	}
	var all []string
	for sum, path := range films {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, sum[:4]+"="+string(content))
	}
	return map[string]string{"title": plan.Title}, os.WriteFile(out, []byte(strings.Join(all, " ")), 0o600)
}

// room is a cutter with all that it needs.
type room struct {
	*cut.Cutter
	t     *testing.T
	dir   string
	store *store.Store
	media *blob.Folder
	log   strings.Builder
	mu    sync.Mutex
}

func (r *room) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

func open(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir()}
	var err error
	if r.store, err = store.Open(t.Context(), filepath.Join(r.dir, "dyade.db"), time.Now); err != nil {
		t.Fatal(err)
	}
	if r.media, err = blob.OpenFolder(filepath.Join(r.dir, "media")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.store.Check(context.Background()), r.store.Close()); err != nil {
			t.Error(err)
		}
	})
	r.reopen()
	return r
}

func (r *room) reopen() {
	r.t.Helper()
	var err error
	r.Cutter, err = cut.Open(cut.Options{
		Store: r.store, Dir: filepath.Join(r.dir, "cut"), Command: []string{os.Args[0], "cut"}, Memory: 500 << 20,
		Local: func(ctx context.Context, sum blob.Sum) (string, func(), error) {
			path, err := r.media.Local(ctx, sum, "")
			return path, func() {}, err
		},
		Keep: func(ctx context.Context, job, film, provenance string) (bool, error) {
			var sums [2]blob.Sum
			for i, path := range []string{film, provenance} {
				var err error
				if sums[i], _, err = r.media.Adopt(ctx, path); err != nil {
					return false, err
				}
			}
			kept, _, err := r.store.ReelRendered(ctx, job, sums[0], sums[1])
			return kept, err
		},
		Log: slog.New(slog.NewTextHandler(r, nil)),
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// run has it at work until the function that it gives is called.
func (r *room) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	r.t.Cleanup(stop)
	return stop
}

// submit takes a film in, and gives its recording.
func (r *room) submit(content string) store.Recording {
	r.t.Helper()
	sum, n, err := r.media.Put(r.t.Context(), strings.NewReader(content))
	if err != nil {
		r.t.Fatal(err)
	}
	ids, err := r.store.Submit(r.t.Context(), store.Submission{
		Sum: sum, Name: "a.mp4", SizeBytes: n, Queue: store.Default, First: store.NewStep{Key: "a", Name: "a"},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	x, err := r.store.Recording(r.t.Context(), ids[0])
	if err != nil {
		r.t.Fatal(err)
	}
	return x
}

func (r *room) ask(x store.Recording, title string) {
	r.t.Helper()
	plan, err := json.Marshal(annotate.Reel{Title: title, Parts: []annotate.Part{{Cut: &annotate.Cut{Recording: string(x.Sum)}}}})
	if err == nil {
		err = r.store.AskReel(r.t.Context(), x.Visit, plan)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// becomes waits until a visit's reel is as it is to be.
func (r *room) becomes(x store.Recording, what string, is func(store.Reel) bool) {
	r.t.Helper()
	limit := time.After(time.Minute)
	for {
		changed, further := r.store.Changed(), r.Changed()
		now, err := r.store.Reel(context.Background(), x.Visit)
		if err != nil {
			r.t.Fatal(err)
		}
		if is(now) {
			return
		}
		select {
		case <-changed:
		case <-further:
		case <-limit:
			r.t.Fatalf("waited in vain for it to be %s: %+v", what, now)
		}
	}
}

// left is what lies in the folder of what is not whole yet.
func (r *room) left() int {
	list, err := os.ReadDir(filepath.Join(r.dir, "cut"))
	if err != nil {
		r.t.Fatal(err)
	}
	return len(list)
}

func (r *room) begun(x store.Recording) func(store.Reel) bool {
	return func(store.Reel) bool {
		done, of, left, begun := r.At(x.Visit)
		return begun && done == 1 && of == 10 && left > 0
	}
}

func TestReelsAreRendered(t *testing.T) {
	r := open(t)
	r.run()
	a, b := r.submit("film a"), r.submit("film b")
	r.ask(a, "one")
	r.ask(b, "two")
	for _, x := range []store.Recording{a, b} {
		r.becomes(x, "rendered", func(now store.Reel) bool { return now.Film != "" })
	}
	now, err := r.store.Reel(t.Context(), b.Visit)
	if err != nil {
		t.Fatal(err)
	}
	film, err := blob.Bytes(t.Context(), r.media, now.Film)
	if err != nil || string(film) != string(b.Sum[:4])+"=film b" {
		t.Errorf("the film is %q, %v", film, err)
	}
	origin, err := blob.Bytes(t.Context(), r.media, now.Provenance)
	if err != nil || string(origin) != "{\n  \"title\": \"two\"\n}\n" {
		t.Errorf("it comes from %q, %v", origin, err)
	}
	r.becomes(b, "over", func(store.Reel) bool { _, _, _, begun := r.At(b.Visit); return !begun })
	if r.left() != 0 {
		t.Errorf("left: %d", r.left())
	}
}

func TestWhyThereIsNone(t *testing.T) {
	r := open(t)
	r.run()
	x := r.submit("film")
	parts := map[string]int{"unreadable": 1, "unfit": 1}
	for title, want := range map[string]string{
		"unfit": "no_picture", "crash": shown.UncutCrash, "bloat": shown.UncutCrash, "unreadable": string(decode.NotMedia), "full": shown.UncutFull, "fail": shown.UncutFailing,
	} {
		r.ask(x, title)
		r.becomes(x, title, func(now store.Reel) bool {
			return now.Failure == want && now.FailedPart == parts[title] && now.Job == ""
		})
	}
	if err := r.media.Remove(t.Context(), x.Sum); err != nil {
		t.Fatal(err)
	}
	r.ask(x, "one")
	r.becomes(x, "missing", func(now store.Reel) bool { return now.Failure == shown.UncutMissing })
	r.mu.Lock()
	defer r.mu.Unlock()
	if log := r.log.String(); strings.Contains(log, r.dir) || !strings.Contains(log, "it broke off at a film") {
		t.Errorf("logged:\n%s", log)
	}
}

func TestWhatIsNoLongerAskedForEnds(t *testing.T) {
	r := open(t)
	r.run()
	x := r.submit("film")
	r.ask(x, "slow")
	r.becomes(x, "begun", r.begun(x))
	if err := r.store.CancelReel(t.Context(), x.Visit); err != nil {
		t.Fatal(err)
	}
	r.becomes(x, "over", func(store.Reel) bool { _, _, _, begun := r.At(x.Visit); return !begun })
	r.ask(x, "slow")
	r.becomes(x, "begun", r.begun(x))
	r.ask(x, "another")
	r.becomes(x, "the other", func(now store.Reel) bool { return now.Film != "" && strings.Contains(string(now.Shows), "another") })
	r.ask(x, "slow")
	r.becomes(x, "begun", r.begun(x))
	if _, err := r.store.Delete(t.Context(), x.ID); err != nil {
		t.Fatal(err)
	}
	if err := r.Forget(t.Context(), x.Sum); err != nil || r.left() != 0 {
		t.Errorf("left: %d, %v", r.left(), err)
	}
	if err := r.Forget(t.Context(), x.Sum); err != nil {
		t.Error(err)
	}
}

// TestAServerThatStoppedGoesOn with what was asked for, and leaves no half.
func TestAServerThatStoppedGoesOn(t *testing.T) {
	r := open(t)
	stop := r.run()
	x := r.submit("film")
	r.ask(x, "slow")
	r.becomes(x, "begun", r.begun(x))
	stop()
	if r.left() != 0 {
		t.Errorf("left: %d", r.left())
	}
	if err := os.WriteFile(filepath.Join(r.dir, "cut", "half"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r.reopen()
	if r.left() != 0 {
		t.Errorf("left of a server that was killed: %d", r.left())
	}
	r.run()
	r.becomes(x, "begun", r.begun(x))
	r.ask(x, "one")
	r.becomes(x, "rendered", func(now store.Reel) bool { return now.Film != "" })
}

func TestClips(t *testing.T) {
	r := open(t)
	x := r.submit("film")
	part := func() annotate.Part { return annotate.Part{Cut: &annotate.Cut{Recording: string(x.Sum)}} }
	plan := annotate.Reel{Parts: []annotate.Part{{Card: &annotate.Card{}}, part(), part()}}
	var got []string
	take := func(_ context.Context, n int, film io.Reader) error {
		doc, err := io.ReadAll(film)
		got = append(got, fmt.Sprint(n, " ", string(doc)))
		return err
	}
	if err := r.Clips(t.Context(), plan, take); err != nil || len(got) != 2 || got[0] != "1 "+string(x.Sum[:4])+"=film" {
		t.Errorf("got %q, %v", got, err)
	}
	for title, want := range map[string]shown.Uncut{"fail": {Reason: shown.UncutFailing}, "unfit": {Reason: "no_picture", Part: 2}} {
		plan.Title = title
		var why *shown.Uncut
		if err := r.Clips(t.Context(), plan, take); !errors.As(err, &why) || why.Reason != want.Reason || why.Part != want.Part || len(got) != 2 {
			t.Errorf("%s: got %q, %v", title, got, err)
		}
	}
	r.run()
	r.ask(x, "slow")
	r.becomes(x, "begun", r.begun(x))
	if err := r.Clips(t.Context(), plan, take); !errors.Is(err, shown.ErrBusy) {
		t.Errorf("beside another: %v", err)
	}
	if err := r.store.CancelReel(t.Context(), x.Visit); err != nil {
		t.Fatal(err)
	}
	if err := r.Forget(t.Context(), x.Sum); err != nil || r.left() != 0 {
		t.Errorf("left: %d, %v", r.left(), err)
	}
}

// TestWhoTakesClipsSlowlyKeepsNobodyWaiting: another reel is rendered meanwhile, and a
// film can be deleted.
func TestWhoTakesClipsSlowlyKeepsNobodyWaiting(t *testing.T) {
	r := open(t)
	r.run()
	x, y := r.submit("film"), r.submit("another film")
	part := annotate.Part{Cut: &annotate.Cut{Recording: string(x.Sum)}}
	taking, ended := make(chan int, 2), make(chan error, 1)
	go func() {
		ended <- r.Clips(t.Context(), annotate.Reel{Parts: []annotate.Part{part, part}}, func(ctx context.Context, n int, _ io.Reader) error {
			taking <- n
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-taking
	r.ask(y, "one")
	r.becomes(y, "rendered", func(now store.Reel) bool { _, _, _, begun := r.At(y.Visit); return now.Film != "" && !begun })
	if err := r.Forget(t.Context(), x.Sum); err != nil || r.left() != 0 {
		t.Errorf("left: %d, %v", r.left(), err)
	}
	if err := <-ended; err == nil || len(taking) > 0 {
		t.Errorf("it ended with %v, and %d more", err, len(taking))
	}
}
