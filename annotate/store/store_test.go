package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

var ctx = context.Background()

func opened(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(ctx), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fresh(t *testing.T) *store.Store { return opened(t, filepath.Join(t.TempDir(), "dyade.db")) }

var first = store.NewStep{Key: "probe", Name: "probe"}

func film(n int) store.Submission {
	return store.Submission{Sum: sum("film", n), Name: fmt.Sprintf("film %d.mp4", n), SizeBytes: 7, Queue: store.Default, First: first}
}

func sum(what string, n int) blob.Sum { return blob.Of(fmt.Append(nil, what, n)) }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// claim takes the one step that is ready.
func claim(t *testing.T, s *store.Store) store.Attempt {
	t.Helper()
	list := must[[]store.Attempt](t)(s.Claim(ctx, 10))
	if len(list) != 1 {
		t.Fatalf("ready: %+v", list)
	}
	return list[0]
}

func accept(t *testing.T, s *store.Store, a store.Attempt, o store.Outcome) store.Ended {
	t.Helper()
	ok, e, err := s.Accept(ctx, a.ID, o)
	if err != nil || !ok {
		t.Fatalf("accept %s: %v, %v", a.Key, ok, err)
	}
	return e
}

func TestAnAnalysisFromStartToEnd(t *testing.T) {
	s := fresh(t)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	probe := claim(t, s)
	if probe.Recording != id || probe.Film != sum("film", 1) || probe.Name != "probe" || probe.Number != 1 {
		t.Errorf("claimed %+v", probe)
	}
	accept(t, s, probe, store.Outcome{
		Result: sum("probe", 1), Probe: []byte(`{"a":1}`), Length: time.Minute, Then: &store.NewStep{Key: "assemble-1", Name: "assemble"},
	})
	asked := claim(t, s)
	if asked.Duration != time.Minute {
		t.Errorf("claimed %+v", asked)
	}
	wave := []store.NewStep{{Key: "a", Name: "look"}, {Key: "b", Name: "look"}, {Key: "probe", Name: "done before"}}
	accept(t, s, asked, store.Outcome{Result: sum("wave", 1), More: wave, Then: &store.NewStep{Key: "assemble-2", Name: "assemble"}})
	looks := must[[]store.Attempt](t)(s.Claim(ctx, 10))
	if len(looks) != 2 || looks[1].Key != "b" || looks[1].Wave != sum("wave", 1) || looks[1].Place != 1 {
		t.Fatalf("claimed %+v", looks)
	}
	accept(t, s, looks[1], store.Outcome{Result: sum("b", 1)})
	if list := must[[]store.Attempt](t)(s.Claim(ctx, 10)); len(list) != 0 {
		t.Fatalf("ready before all is done: %+v", list)
	}
	accept(t, s, looks[0], store.Outcome{Result: sum("a", 1)})
	last := claim(t, s)
	if got := must[map[string]blob.Sum](t)(s.Results(ctx, id)); len(got) != 4 || got["a"] != sum("a", 1) {
		t.Errorf("results %v", got)
	}
	e := accept(t, s, last, store.Outcome{Files: map[string]blob.Sum{"moments.json": sum("moments", 1)}})
	if len(e.Unneeded) != 4 || len(e.Attempts) != 1 {
		t.Errorf("left over: %+v", e)
	}
	r := must[store.Recording](t)(s.Recording(ctx, id))
	if r.State != store.Done || string(r.Probe) != `{"a":1}` || r.Duration != time.Minute || r.Steps != 0 {
		t.Errorf("got %+v", r)
	}
	if got := must[map[string]blob.Sum](t)(s.Files(ctx, id)); len(got) != 1 || got["moments.json"] != sum("moments", 1) {
		t.Errorf("files %v", got)
	}
}

func TestAnAttemptCountsOnce(t *testing.T) {
	s := fresh(t)
	must[[]string](t)(s.Submit(ctx, film(1)))
	a := claim(t, s)
	if counted, err := s.Again(ctx, a.ID, store.Lost, time.Now()); err != nil || !counted {
		t.Fatal(counted, err)
	}
	b := claim(t, s)
	if b.ID == a.ID || b.Number != 2 {
		t.Errorf("claimed %+v after %+v", b, a)
	}
	late := store.Outcome{Result: sum("late", 1)}
	if ok, _, err := s.Accept(ctx, a.ID, late); ok || err != nil {
		t.Errorf("an attempt that was lost was accepted: %v, %v", ok, err)
	}
	accept(t, s, b, store.Outcome{Result: sum("probe", 1), Then: &store.NewStep{Key: "c", Name: "c"}})
	if ok, _, err := s.Accept(ctx, b.ID, late); ok || err != nil {
		t.Errorf("an attempt was accepted twice: %v, %v", ok, err)
	}
	if _, err := s.Attempt(ctx, b.ID); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestTheSameFilmIsOneRecording(t *testing.T) {
	s := fresh(t)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2), film(1)))
	if ids[0] != ids[2] || ids[0] == ids[1] {
		t.Errorf("ids %v", ids)
	}
	again := must[[]string](t)(s.Submit(ctx, film(2)))
	if again[0] != ids[1] || len(must[[]store.Recording](t)(s.Recordings(ctx))) != 2 {
		t.Errorf("ids %v", again)
	}
}

func TestTheMostUrgentIsFirst(t *testing.T) {
	s := fresh(t)
	for n, q := range []store.Queue{store.Batch, store.Default, store.Batch, store.Interactive} {
		f := film(n)
		f.Queue = q
		must[[]string](t)(s.Submit(ctx, f))
	}
	var got []string
	for range 2 {
		for _, a := range must[[]store.Attempt](t)(s.Claim(ctx, 3)) {
			got = append(got, string(a.Queue))
		}
	}
	if want := "interactive default batch batch"; strings.Join(got, " ") != want {
		t.Errorf("%v instead of %s", got, want)
	}
}

func TestAPauseIsKept(t *testing.T) {
	now := time.Now()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "dyade.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	must[[]string](t)(s.Submit(ctx, film(1)))
	a := claim(t, s)
	if _, err := s.Again(ctx, a.ID, store.Failure, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if list := must[[]store.Attempt](t)(s.Claim(ctx, 1)); len(list) != 0 {
		t.Errorf("claimed too early: %+v", list)
	}
	now = now.Add(2 * time.Minute)
	if a := claim(t, s); a.Failures != 1 || a.Crashes != 0 {
		t.Errorf("claimed %+v", a)
	}
}

func TestWhatIsCancelledStaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	s := opened(t, path)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	a := claim(t, s)
	if e := must[store.Ended](t)(s.Cancel(ctx, id)); len(e.Attempts) != 1 || e.Attempts[0] != a.ID {
		t.Errorf("ended %+v", e)
	}
	if ok, _, err := s.Accept(ctx, a.ID, store.Outcome{Result: sum("late", 1)}); ok || err != nil {
		t.Errorf("accepted %v, %v", ok, err)
	}
	again := opened(t, path)
	if r := must[store.Recording](t)(again.Recording(ctx, id)); r.State != store.Cancelled {
		t.Errorf("it is %s", r.State)
	}
	if list := must[[]store.Attempt](t)(again.Claim(ctx, 1)); len(list) != 0 {
		t.Errorf("claimed %+v", list)
	}
	if err := again.Retry(ctx, id, first); err != nil {
		t.Fatal(err)
	}
	b := claim(t, again)
	if counted, _, err := again.Fail(ctx, b.ID, "not_media"); !counted || err != nil {
		t.Errorf("failed: %v, %v", counted, err)
	}
	if r := must[store.Recording](t)(again.Recording(ctx, id)); r.State != store.Failed || r.Failure != "not_media" {
		t.Errorf("it is %+v", r)
	}
	if _, err := again.Cancel(ctx, "nobody"); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

// Rows and the pages they lay in are gone, and what two recordings need stays.
func TestDeleteLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	s := opened(t, path)
	shared := sum("shared", 0)
	var ids []string
	for n := range 2 {
		f := film(n)
		f.Name = fmt.Sprintf("Famille-%d-secrète.mp4", n)
		id := must[[]string](t)(s.Submit(ctx, f))[0]
		accept(t, s, claim(t, s), store.Outcome{Files: map[string]blob.Sum{"a": shared, "b": sum("own", n)}})
		ids = append(ids, id)
	}
	e := must[store.Ended](t)(s.Delete(ctx, ids[0]))
	if len(e.Unneeded) != 2 {
		t.Errorf("unneeded: %v", e.Unneeded)
	}
	for _, x := range e.Unneeded {
		if x == shared {
			t.Error("what another recording needs is to be removed")
		}
	}
	if needed, err := s.Needed(ctx, shared); err != nil || !needed {
		t.Errorf("needed: %v, %v", needed, err)
	}
	if !must[bool](t)(s.Forget(ctx)) {
		t.Error("it is not forgotten, though nobody reads")
	}
	for _, file := range must[[]string](t)(filepath.Glob(path + "*")) {
		data := must[[]byte](t)(os.ReadFile(file))
		for _, trace := range []string{"Famille-0", string(sum("film", 0)), string(sum("own", 0)), ids[0]} {
			if bytes.Contains(data, []byte(trace)) {
				t.Errorf("%s still holds %q", filepath.Base(file), trace)
			}
		}
	}
	if _, err := s.Recording(ctx, ids[0]); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func trace(key, file, place string) store.Trace {
	return store.Trace{Key: "key " + key, File: "file " + file, Place: "place " + place}
}

func TestFilesAreRemembered(t *testing.T) {
	now := time.Now()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "dyade.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	remembered := func(want string, traces ...store.Trace) {
		t.Helper()
		if got := fmt.Sprint(must[[]bool](t)(s.Remembered(ctx, traces...))); got != want {
			t.Errorf("remembered: %s, not %s", got, want)
		}
	}
	remember := func(tr store.Trace, id string) {
		t.Helper()
		if err := s.Remember(ctx, tr, id); err != nil {
			t.Fatal(err)
		}
	}
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2)))
	remember(trace("a", "1", "x"), ids[0])
	now = now.Add(time.Second)
	remember(trace("b", "2", "x"), ids[1])
	remember(trace("c", "3", "y"), "")
	remember(trace("c", "4", "y"), "")
	remembered("[true true false false true]", trace("a", "9", "x"), trace("d", "2", "z"), trace("d", "9", "x"), trace("d", "3", "y"), trace("d", "4", "y"))
	if r := must[store.Recording](t)(s.MadeAt(ctx, "place x")); r.ID != ids[1] {
		t.Errorf("made of it: %+v", r)
	}
	must[store.Ended](t)(s.Delete(ctx, ids[1]))
	if r := must[store.Recording](t)(s.MadeAt(ctx, "place x")); r.ID != ids[0] {
		t.Errorf("made of it: %+v", r)
	}
	if _, err := s.MadeAt(ctx, "place y"); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
	remembered("[true]", trace("b", "2", "x")) // though its recording is deleted

	now = now.Add(100 * 24 * time.Hour)
	remembered("[true]", trace("b", "2", "x")) // it is there, the others not
	if err := s.ForgetTraces(ctx, now.Add(-time.Hour), 9); err != nil {
		t.Fatal(err)
	}
	remembered("[false true false]", trace("a", "1", "x"), trace("b", "2", "x"), trace("c", "4", "y"))
	remember(trace("e", "5", "x"), "")
	now = now.Add(100 * 24 * time.Hour)
	remembered("[true]", trace("b", "2", "x"))
	if err := s.ForgetTraces(ctx, time.UnixMilli(0), 1); err != nil {
		t.Fatal(err)
	}
	remembered("[false true]", trace("e", "5", "x"), trace("b", "2", "x"))
}

func second[T any](_ T, err error) error { return err }

// TestMigrations brings databases of every earlier form to this one's.
func TestMigrations(t *testing.T) {
	forms := must[[]string](t)(filepath.Glob("migrations/*.sql"))
	for had := range len(forms) + 1 {
		path := filepath.Join(t.TempDir(), "dyade.db")
		db := must[*sql.DB](t)(sql.Open("sqlite", path))
		for n := range had {
			doc := must[[]byte](t)(os.ReadFile(forms[n]))
			must[sql.Result](t)(db.Exec(string(doc)))
			must[sql.Result](t)(db.Exec(fmt.Sprintf("PRAGMA user_version = %d", n+1)))
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s := opened(t, path)
		must[[]string](t)(s.Submit(ctx, film(1)))
		if info := must[os.FileInfo](t)(os.Stat(path)); had == 0 && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v", info.Mode())
		}
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	db := must[*sql.DB](t)(sql.Open("sqlite", path))
	must[sql.Result](t)(db.Exec("PRAGMA user_version = 1000"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(ctx, path, time.Now)
	if err == nil || !strings.Contains(err.Error(), "newer dyade") {
		t.Errorf("got %v", err)
	}
}

func TestBackupIsWhole(t *testing.T) {
	s := fresh(t)
	must[[]string](t)(s.Submit(ctx, film(1), film(2)))
	key := must[[]byte](t)(s.TraceKey(ctx))
	if len(key) != 32 || !bytes.Equal(key, must[[]byte](t)(s.TraceKey(ctx))) {
		t.Errorf("the key is %x", key)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	copied := opened(t, path)
	if got := must[[]store.Recording](t)(copied.Recordings(ctx)); len(got) != 2 {
		t.Errorf("the copy has %v", got)
	}
	if !bytes.Equal(key, must[[]byte](t)(copied.TraceKey(ctx))) {
		t.Error("the copy knows nothing of watched folders")
	}
	if err := s.Backup(ctx, path); err == nil {
		t.Error("a backup was overwritten")
	}
}

func TestDamageIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	s := must[*store.Store](t)(store.Open(ctx, path, time.Now))
	for n := range 400 {
		must[[]string](t)(s.Submit(ctx, film(n)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data := must[[]byte](t)(os.ReadFile(path))
	for i := len(data) / 2; i < len(data)/2+3000; i++ {
		data[i] ^= 0x5a
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, path, time.Now)
	if err == nil {
		err = errors.Join(s.Check(ctx), s.Close())
	}
	if err == nil {
		t.Error("a damaged database passes")
	}
}

func TestChangesAreTold(t *testing.T) {
	s := fresh(t)
	before := s.Changed()
	select {
	case <-before:
		t.Error("told of a change where there was none")
	default:
	}
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	<-before
	after := s.Changed()
	must[store.Ended](t)(s.Cancel(ctx, id))
	<-after
}

// TestWhatChangesNothingIsNotTold: looks that find nothing wake nobody.
func TestWhatChangesNothingIsNotTold(t *testing.T) {
	s := fresh(t)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	must[[]store.Attempt](t)(s.Claim(ctx, 1))
	changed := s.Changed()
	must[[]store.Attempt](t)(s.Claim(ctx, 1))
	must[[]bool](t)(s.Remembered(ctx, store.Trace{Key: "a", File: "b"}))
	must[[]string](t)(s.Submit(ctx, film(1)))
	if err := errors.Join(s.Retry(ctx, id, store.NewStep{Key: "a", Name: "a"}), s.ForgetVisits(ctx, time.Now()), s.CancelReel(ctx, visitOf(t, s, id))); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
		t.Error("told of a change where there was none")
	default:
	}
}

func TestWhatIsToBeDoneIsCounted(t *testing.T) {
	s := fresh(t)
	must[[]string](t)(s.Submit(ctx, film(1)))
	accept(t, s, claim(t, s), store.Outcome{
		Result: sum("wave", 1), More: []store.NewStep{{Key: "a", Name: "look"}, {Key: "b", Name: "look"}},
		Then: &store.NewStep{Key: "assemble-1", Name: "assemble"},
	})
	must[[]store.Attempt](t)(s.Claim(ctx, 1))
	other := film(2)
	other.Queue = store.Batch
	must[[]string](t)(s.Submit(ctx, other))
	got := must[[]store.Load](t)(s.Loads(ctx))
	if want := (store.Load{Queue: store.Default, Blocked: 1, Ready: 1, Queued: 1}); len(got) != 3 || got[1] != want || got[2].Ready != 1 {
		t.Errorf("got %+v", got)
	}
	if got := must[map[store.State]int](t)(s.States(ctx)); got[store.Working] != 2 || got[store.Done] != 0 || len(got) != 4 {
		t.Errorf("got %v", got)
	}
}
