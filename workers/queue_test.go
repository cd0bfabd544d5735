package workers_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/review"
	"dyade/annotate/store"
)

// fill submits so many small blobs, none of them a film.
func (p *place) fill(t testing.TB, n int, q store.Queue) (ids []string) {
	t.Helper()
	ids, err := p.desk.SubmitAll(context.Background(), p.films(t, n, q))
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func (p *place) films(t testing.TB, n int, q store.Queue) []store.Submission {
	t.Helper()
	films := make([]store.Submission, n)
	for i := range films {
		data := fmt.Appendf(nil, "%s %d is no film", q, i)
		sum, size, err := p.media.Put(context.Background(), bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		films[i] = store.Submission{Sum: sum, Name: fmt.Sprint(i), SizeBytes: size, Queue: q}
	}
	return films
}

// pending is how many tasks of a queue await a worker. asynq's own inspector would
// also measure their memory, which keeps Redis from all else.
func (p *place) pending(t testing.TB, q store.Queue) int {
	t.Helper()
	n, err := p.desk.Redis.LLen(context.Background(), "asynq:{"+p.desk.Realm.Queue(q)+"}:pending").Result()
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// TestTheUrgentOneGoesFirst: behind a thousand recordings of a batch comes one that
// someone waits for. The queue takes no memory to speak of.
func TestTheUrgentOneGoesFirst(t *testing.T) {
	const n = 1000
	p := newPlace(t, onManaged)
	before := heap()
	ids := p.fill(t, n, store.Batch)
	p.open()
	until(t, "all to be queued", long, func() bool { return p.pending(t, store.Batch) == n })
	const most = 16 << 20
	if grown := heap() - before; grown > most {
		t.Errorf("the desk takes %d bytes more", grown)
	}
	urgent := p.fill(t, 1, store.Interactive)[0]
	until(t, "it to be queued", long, func() bool { return p.pending(t, store.Interactive) == 1 })
	p.hire()
	until(t, "it to be over", long, func() bool { return p.recording(urgent).State == store.Failed })
	first := p.recording(urgent).Changed
	over := 0
	for _, id := range ids { // some may be over since
		if x := p.recording(id); x.State != store.Working && x.Changed.Before(first) {
			over++
		}
	}
	if over > 0 {
		t.Errorf("%d of the others were over before it", over)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkEnqueue is what it takes to submit one of many recordings, whose films are
// there, until a worker could begin it: to write it down, to claim its first step
// and to put that into Redis.
func BenchmarkEnqueue(b *testing.B) {
	p := newPlace(b, onManaged)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	defer func() { stop(); <-ended }()
	go func() { defer close(ended); p.desk.Run(ctx) }()
	p.fill(b, 1, store.Interactive)
	until(b, "the desk to give out", long, func() bool { return p.pending(b, store.Interactive) == 1 })
	films := p.films(b, b.N, store.Batch)
	b.ResetTimer()
	if _, err := p.desk.SubmitAll(ctx, films); err != nil {
		b.Fatal(err)
	}
	until(b, "all to be queued", long, func() bool { return p.pending(b, store.Batch) == b.N })
	b.StopTimer() // the desk takes a moment to end
}

// TestNothingOfWhatIsDeletedRemains looks through all files of the data folder, the
// logs of the database and of Redis among them, for what was deleted: its film, its
// name, what came of it, and the sums by which these were known.
func TestNothingOfWhatIsDeletedRemains(t *testing.T) {
	ctx := context.Background()
	p := newPlace(t, onManaged)
	p.desk.Own = true
	p.open()
	p.hire()
	path := filepath.Join(t.TempDir(), "a family's name.mp4")
	if err := os.Rename(clip(t, "8", "10"), path); err != nil {
		t.Fatal(err)
	}
	film, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id, sum := p.submit(path, store.Default)
	until(t, "some steps to be done", long, func() bool { return p.recording(id).StepsDone > 3 })
	results, err := p.store.Results(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	p.becomes(id, store.Done)
	files, err := p.store.Files(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	visit := p.recording(id).Visit
	const role, said = "person/%s.p1", "a word of a family's"
	_, err = p.store.Edit(ctx, visit, review.Edit{ID: "0b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d", By: "one", Kind: review.Do, Changes: []review.Change{
		{Entity: fmt.Sprintf(role, id), Field: "recording", To: review.Value(fmt.Sprintf("%q", id))},
		{Entity: fmt.Sprintf(role, id), Field: "role", To: `"parent"`},
		{Entity: "reel/main", Field: "title", To: review.Value(fmt.Sprintf("%q", said))},
	}})
	if err != nil {
		t.Fatal(err)
	}
	traces := map[string][]byte{
		"its visit": []byte(visit), "what was said in its review": []byte(said),
		"its id": []byte(id), "its name": []byte(filepath.Base(path)), "its sum": []byte(sum), "its film": film[len(film)/2:][:64],
	}
	for name, s := range files {
		doc, err := blob.Bytes(ctx, p.media, s)
		if err != nil {
			t.Fatal(err)
		}
		traces["sum of "+name], traces[name] = []byte(s), doc[len(doc)/2:][:48]
	}
	for key, s := range results {
		traces["result of "+key] = []byte(s)
	}
	if found := remains(t, p.dir, traces); len(found) == 0 {
		t.Error("nothing is found before it is deleted: the search does not see")
	}
	if err := p.desk.Delete(ctx, id); err != nil {
		t.Fatal(err)
	}
	var found []string
	over := time.After(long)
	for found = remains(t, p.dir, traces); len(found) > 0; found = remains(t, p.dir, traces) {
		select {
		case <-over:
			t.Fatal(found)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// remains lists which traces are in which files below a folder, or their names.
func remains(t *testing.T, dir string, traces map[string][]byte) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // it is being removed
		}
		doc, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // the same
		}
		for what, trace := range traces {
			if bytes.Contains(doc, trace) || strings.Contains(path, string(trace)) {
				found = append(found, what+" in "+path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAMachineWithoutModelsHandsBack: what a machine lacks is no fault of the film.
func TestAMachineWithoutModelsHandsBack(t *testing.T) {
	p := newPlace(t, onManaged)
	p.open()
	bad := p.hire("DYADE_SHARE=" + filepath.Join(t.TempDir(), "nowhere"))
	path := clip(t, "8", "4")
	id, _ := p.submit(path, store.Default)
	until(t, "a step to be handed back", long, func() bool {
		queued, err := p.store.Queued(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range queued {
			if a.Failures > 0 {
				t.Fatalf("%s counts against the film", a.Name)
			}
			if a.Number > 1 {
				return true
			}
		}
		return false
	})
	if err := bad.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.hire()
	p.becomes(id, store.Done)
	p.sameAs(id, path)
}
