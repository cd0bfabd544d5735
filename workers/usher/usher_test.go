package usher_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/workers/usher"
)

// booth writes down what it is to make.
type booth struct {
	mu     sync.Mutex
	made   []string
	told   chan struct{} // gets one for each
	full   bool
	looked chan struct{}    // gets one for each look for room where there is none
	errs   map[string]error // of what is made, once
}

func (b *booth) make(what string) error {
	b.mu.Lock()
	err := b.errs[what]
	delete(b.errs, what)
	b.made = append(b.made, what)
	b.mu.Unlock()
	b.told <- struct{}{}
	return err
}

func (b *booth) PrepareClip(_ context.Context, film blob.Sum, from, to time.Duration) error {
	return b.make(fmt.Sprintf("%s clip %v to %v", film[:4], from, to))
}

func (b *booth) PrepareCopy(_ context.Context, film blob.Sum) error {
	return b.make(fmt.Sprintf("%s copy", film[:4]))
}

func (b *booth) Room() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full {
		b.looked <- struct{}{}
	}
	return !b.full
}

func (b *booth) empty() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full = false
}

// house is a store with an usher.
type house struct {
	*booth
	t     *testing.T
	store *store.Store
	media *blob.Folder
	now   time.Time
	later chan time.Time // what can be done later is tried again
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{
		booth: &booth{told: make(chan struct{}, 100), looked: make(chan struct{}, 100), errs: map[string]error{}},
		t:     t, now: time.Now(), later: make(chan time.Time),
	}
	var err error
	if h.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "dyade.db"), func() time.Time { return h.now }); err != nil {
		t.Fatal(err)
	}
	if h.media, err = blob.OpenFolder(filepath.Join(t.TempDir(), "media")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	return h
}

func (h *house) run() {
	ctx, stop := context.WithCancel(context.Background())
	u := usher.Usher{
		Store: h.store, Media: h.media, Projector: h.booth, Moments: "moments.json", Log: slog.New(slog.DiscardHandler),
		After: func(time.Duration) <-chan time.Time { return h.later },
	}
	var running sync.WaitGroup
	running.Go(func() { u.Run(ctx) })
	h.t.Cleanup(func() { stop(); running.Wait() })
}

// done submits a film and ends its analysis with some moments; each of 2 s, a minute
// apart.
func (h *house) done(content string, queue store.Queue, moments int) blob.Sum {
	h.t.Helper()
	ctx := h.t.Context()
	var a annotate.Analysis
	for n := range moments {
		a.Moments = append(a.Moments, annotate.Moment{StartS: float64(60*n) + 0.5, EndS: float64(60*n) + 2.5})
	}
	doc, err := json.Marshal(a)
	if err != nil {
		h.t.Fatal(err)
	}
	sum, n, err := h.media.Put(ctx, strings.NewReader(content))
	if err != nil {
		h.t.Fatal(err)
	}
	file, _, err := h.media.Put(ctx, strings.NewReader(string(doc)))
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = h.store.Submit(ctx, store.Submission{Sum: sum, Name: "a.mp4", SizeBytes: n, Queue: queue, First: store.NewStep{Key: "a", Name: "a"}})
	if err != nil {
		h.t.Fatal(err)
	}
	list, err := h.store.Claim(ctx, 1)
	if err != nil || len(list) != 1 {
		h.t.Fatal(list, err)
	}
	if ok, _, err := h.store.Accept(ctx, list[0].ID, store.Outcome{Files: map[string]blob.Sum{"moments.json": file}}); !ok || err != nil {
		h.t.Fatal(ok, err)
	}
	return sum
}

// makes waits for so many things to be made, and lists them.
func (h *house) makes(n int) []string {
	h.t.Helper()
	for range n {
		select {
		case <-h.told:
		case <-time.After(time.Minute):
			h.t.Fatalf("made: %v", h.made)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.made)
}

func TestFilmsAreMadeReady(t *testing.T) {
	h := open(t)
	h.now = time.Now().Add(-8 * 24 * time.Hour)
	h.done("an old film", store.Interactive, 1)
	h.now = time.Now()
	h.done("one of many", store.Batch, 1)
	film := h.done("a film", store.Default, 10)
	h.run()
	made := h.makes(9)
	slices.Sort(made)
	for i, want := range []string{"clip 0s to 4.5s", "clip 1m58.5s to 2m4.5s"} {
		if made[i] != string(film[:4])+" "+want {
			t.Errorf("made %v", made)
		}
	}
	if made[8] != string(film[:4])+" copy" {
		t.Errorf("made %v", made)
	}
	next := h.done("another film", store.Interactive, 1)
	if made := h.makes(2); !slices.Contains(made, string(next[:4])+" clip 0s to 4.5s") || !slices.Contains(made, string(next[:4])+" copy") {
		t.Errorf("made %v", made)
	}
}

// TestWhatCannotBeMadeReadyStopsNothing: a damaged film is not tried again.
func TestWhatCannotBeMadeReadyStopsNothing(t *testing.T) {
	h := open(t)
	film := h.done("a film", store.Default, 2)
	h.errs[string(film[:4])+" copy"] = errors.New("damaged")
	h.errs[string(film[:4])+" clip 0s to 4.5s"] = errors.New("damaged")
	h.run()
	h.makes(3)
	h.done("another film", store.Default, 0)
	if made := h.makes(1); len(made) != 4 {
		t.Errorf("made %v", made)
	}
}

// TestWithoutRoomNothingIsMadeReady until there is some.
func TestWithoutRoomNothingIsMadeReady(t *testing.T) {
	h := open(t)
	h.full = true
	h.done("a film", store.Default, 1)
	h.run()
	for range 2 { // clips and copies are looked for by themselves
		<-h.looked
	}
	if len(h.told) > 0 {
		t.Errorf("made %v", h.made)
	}
	h.empty()
	for range 2 {
		h.later <- time.Now()
	}
	h.makes(2)
}

// TestWhatIsBusyIsTriedAgain, later.
func TestWhatIsBusyIsTriedAgain(t *testing.T) {
	h := open(t)
	film := h.done("a film", store.Default, 1)
	h.errs[string(film[:4])+" copy"] = shown.ErrBusy
	h.run()
	if made := h.makes(2); len(made) != 2 {
		t.Errorf("made %v", made)
	}
	h.later <- time.Now()
	if made := h.makes(1); made[2] != string(film[:4])+" copy" {
		t.Errorf("made %v", made)
	}
}

// TestAFilmThatComesAgainIsMadeReadyAgain: it was deleted with all that was made of it.
func TestAFilmThatComesAgainIsMadeReadyAgain(t *testing.T) {
	h := open(t)
	h.run()
	for range 2 {
		h.done("a film", store.Default, 1)
		h.makes(2)
		all, err := h.store.Recordings(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if _, err := h.store.Delete(t.Context(), all[0].ID); err != nil {
			t.Fatal(err)
		}
	}
}
