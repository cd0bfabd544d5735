package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dyade/annotate/review"
	"dyade/annotate/store"
)

func TestTouched(t *testing.T) {
	s := fresh(t)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2), film(3), film(4), film(5), film(6)))
	v := must[store.Visit](t)(s.CreateVisit(ctx, must[store.Case](t)(s.AddCase(ctx, "12")).ID, "2026-11-22"))
	if err := s.MoveRecording(ctx, ids[1], v.ID); err != nil {
		t.Fatal(err)
	}
	must[store.Ended](t)(s.Cancel(ctx, ids[2]))
	edit(t, s, visitOf(t, s, ids[3]), "a", about(ids[3])...)
	if err := s.MoveRecording(ctx, ids[4], visitOf(t, s, ids[5])); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true, true, true, true} {
		if got := must[bool](t)(s.Touched(ctx, ids[i])); got != want {
			t.Errorf("%d is touched: %v", i, got)
		}
	}
	if _, err := s.Touched(ctx, "nobody"); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestCasesAndVisits(t *testing.T) {
	s := fresh(t)
	c := must[store.Case](t)(s.AddCase(ctx, "Dossier 12"))
	v := must[store.Visit](t)(s.CreateVisit(ctx, c.ID, "2026-11-22"))
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	own := visitOf(t, s, id)
	if err := s.MoveRecording(ctx, id, v.ID); err != nil {
		t.Fatal(err)
	}
	if got := visitOf(t, s, id); got != v.ID {
		t.Errorf("it is of visit %q", got)
	}
	if _, _, err := s.Visit(ctx, own); !errors.Is(err, store.ErrMissing) {
		t.Errorf("the visit that it left: %v", err)
	}
	if got := must[[]store.Visit](t)(s.Visits(ctx, c.ID)); len(got) != 1 || got[0] != v {
		t.Errorf("visits %v", got)
	}
	if got := must[[]store.Case](t)(s.Cases(ctx)); len(got) != 1 || got[0].Label != "Dossier 12" {
		t.Errorf("cases %v", got)
	}
	for name, err := range map[string]error{
		"a visit of no case":   second(s.CreateVisit(ctx, "nobody", "2026-11-22")),
		"a visit on no day":    second(s.CreateVisit(ctx, c.ID, "tomorrow")),
		"a case without label": second(s.AddCase(ctx, "")),
		"a visit that is not":  s.MoveRecording(ctx, id, "nobody"),
		"a recording that is":  s.MoveRecording(ctx, "nobody", v.ID),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func visitOf(t *testing.T, s *store.Store, recording string) string {
	t.Helper()
	return must[store.Recording](t)(s.Recording(ctx, recording)).Visit
}

func TestEveryRecordingHasAVisit(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 30, 0, 0, time.Local)
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "dyade.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	given := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-20"))
	named, lost := film(2), film(3)
	named.Visit, lost.Visit = given.ID, "one that is not there"
	var ids []string
	for _, f := range []store.Submission{film(1), named, lost} {
		ids = append(ids, must[[]string](t)(s.Submit(ctx, f))...)
		now = now.Add(time.Second)
	}
	for i, want := range []string{"2026-11-22", "2026-11-20", "2026-11-22"} {
		v, films, err := s.Visit(ctx, visitOf(t, s, ids[i]))
		if err != nil || v.Day != want || len(films) != 1 || films[0].ID != ids[i] {
			t.Errorf("%d: %+v of %v, %v", i, v, films, err)
		}
	}
	if err := s.MoveRecording(ctx, ids[0], given.ID); err != nil {
		t.Fatal(err)
	}
	if _, films, err := s.Visit(ctx, given.ID); err != nil || len(films) != 2 || films[0].ID != ids[0] {
		t.Errorf("its films, in the order of submission: %+v, %v", films, err)
	}
	must[store.Ended](t)(s.Delete(ctx, ids[0]))
	must[store.Ended](t)(s.Delete(ctx, ids[1]))
	if _, _, err := s.Visit(ctx, given.ID); !errors.Is(err, store.ErrMissing) {
		t.Errorf("a visit whose films are deleted: %v", err)
	}
}

func TestEmptyVisitsAreForgotten(t *testing.T) {
	s := fresh(t)
	of := must[store.Case](t)(s.AddCase(ctx, "12")).ID
	empty, cased := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-22")).ID, must[store.Visit](t)(s.CreateVisit(ctx, of, "2026-11-22")).ID
	used := visitOf(t, s, must[[]string](t)(s.Submit(ctx, film(1)))[0])
	for _, c := range []struct {
		before time.Time
		gone   bool
	}{{time.Now().Add(-time.Hour), false}, {time.Now().Add(time.Hour), true}} {
		if err := s.ForgetVisits(ctx, c.before); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{empty, cased, used} {
			if _, _, err := s.Visit(ctx, id); (err != nil) != (c.gone && id == empty) {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
}

// TestWhatIsDecidedIsNotMovedAway: who moves a film loses nothing.
func TestWhatIsDecidedIsNotMovedAway(t *testing.T) {
	s := fresh(t)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2), film(3)))
	to := visitOf(t, s, ids[2])
	edit(t, s, visitOf(t, s, ids[0]), "a", about(ids[0])...)
	edit(t, s, visitOf(t, s, ids[1]), "a", review.Change{Entity: "reel/main", Field: "title", To: `"Le jeu"`})
	for i := range 2 {
		if err := s.MoveRecording(ctx, ids[i], to); !errors.Is(err, store.ErrReviewed) {
			t.Errorf("film %d: %v", i, err)
		}
	}
	if err := s.MoveRecording(ctx, ids[2], visitOf(t, s, ids[1])); err != nil {
		t.Error(err)
	}
	if err := s.MoveRecording(ctx, ids[1], to); !errors.Is(err, store.ErrMissing) { // it was left
		t.Error(err)
	}
}

// TestFormerRecordingsGetVisits, and former visits keep their cases.
func TestFormerRecordingsGetVisits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	db := must[*sql.DB](t)(sql.Open("sqlite", path))
	for n, form := range must[[]string](t)(filepath.Glob("migrations/*.sql"))[:3] {
		must[sql.Result](t)(db.Exec(string(must[[]byte](t)(os.ReadFile(form)))))
		must[sql.Result](t)(db.Exec(fmt.Sprintf("PRAGMA user_version = %d", n+1)))
	}
	submitted := time.Date(2026, 3, 2, 23, 55, 0, 0, time.Local)
	must[sql.Result](t)(db.Exec("INSERT INTO cases (id, label, created_ms) VALUES ('c', 'Dossier 12', 1)"))
	must[sql.Result](t)(db.Exec("INSERT INTO visits (id, case_id, day, created_ms) VALUES ('v', 'c', '2026-03-01', 1)"))
	for i, visit := range []any{"v", nil} {
		must[sql.Result](t)(db.Exec(`INSERT INTO recordings (id, visit_id, sum, name, size_bytes, queue, state, submitted_ms, changed_ms)
			VALUES (?, ?, ?, 'a.mp4', 1, 'default', 'done', ?, 1)`, fmt.Sprint("r", i), visit, sum("film", i), submitted.UnixMilli()))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := opened(t, path)
	for i, want := range []store.Visit{{ID: "v", Case: "c", Day: "2026-03-01"}, {ID: visitOf(t, s, "r1"), Day: "2026-03-02"}} {
		if v, films, err := s.Visit(ctx, visitOf(t, s, fmt.Sprint("r", i))); err != nil || v != want || len(films) != 1 {
			t.Errorf("%+v of %+v, %v", v, films, err)
		}
	}
}
