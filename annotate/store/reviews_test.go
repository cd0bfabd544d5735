package store_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dyade/annotate/review"
	"dyade/annotate/store"
)

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// about is a segment of a recording.
func about(recording string) []review.Change {
	name := "segment/" + uuid()
	at := func(s int) review.Value {
		return review.Value(fmt.Sprintf(`{"base":{"den":1000,"num":1},"ticks":%d}`, s*1000))
	}
	return []review.Change{
		{Entity: name, Field: "recording", To: review.Value(fmt.Sprintf("%q", recording))},
		{Entity: name, Field: "start", To: at(1)}, {Entity: name, Field: "end", To: at(2)},
		{Entity: name, Field: "question", To: `"Qu’avez-vous vu ?"`},
	}
}

func doing(by string, changes ...review.Change) review.Edit {
	return review.Edit{ID: uuid(), By: by, Kind: review.Do, Changes: changes}
}

func edit(t *testing.T, s *store.Store, visit, by string, changes ...review.Change) store.Edited {
	t.Helper()
	return must[store.Edited](t)(s.Edit(ctx, visit, doing(by, changes...)))
}

func TestEditsAreDoneOnce(t *testing.T) {
	s := fresh(t)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	v := visitOf(t, s, id)
	e := doing("one", about(id)...)
	first := must[store.Edited](t)(s.Edit(ctx, v, e))
	edit(t, s, v, "one", review.Change{Entity: "reel/main", Field: "faded", To: "true"})
	again := must[store.Edited](t)(s.Edit(ctx, v, e))
	if first.Place != 1 || first.Undo != 1 || len(first.Changes) != 4 || !reflect.DeepEqual(first, again) {
		t.Errorf("told %+v, and again %+v", first, again)
	}
	r := must[store.Review](t)(s.Review(ctx, v, "one"))
	if r.Place != 2 || r.Facts.Count() != 5 || r.Undo != 2 || r.Redo != 0 {
		t.Errorf("the review is %+v", r)
	}
	if r := must[store.Review](t)(s.Review(ctx, v, "two")); r.Undo != 0 {
		t.Errorf("another can undo %d", r.Undo)
	}
	var missing, wrong = store.ErrMissing, &review.Wrong{}
	if _, err := s.Edit(ctx, "nowhere", doing("one", about(id)...)); !errors.Is(err, missing) {
		t.Errorf("in no visit: %v", err)
	}
	if _, err := s.Edit(ctx, v, doing("one", about("another")...)); !errors.As(err, &wrong) {
		t.Errorf("about a film that the visit has not: %v", err)
	}
	if _, err := s.Review(ctx, "nowhere", ""); !errors.Is(err, missing) {
		t.Errorf("of no visit: %v", err)
	}
}

func TestUndoAndRedo(t *testing.T) {
	s := fresh(t)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	v := visitOf(t, s, id)
	turn := func(by string, kind review.Kind, force bool) (store.Edited, error) {
		return s.Edit(ctx, v, review.Edit{ID: uuid(), By: by, Kind: kind, Force: force})
	}
	one := about(id)
	edit(t, s, v, "one", one...)
	edit(t, s, v, "two", review.Change{Entity: one[0].Entity, Field: "tag:rire", To: "true"})
	var conflicted *review.Conflicted
	if _, err := turn("one", review.Undo, false); !errors.As(err, &conflicted) || len(conflicted.Conflicts) != 1 || conflicted.Conflicts[0].Field != "tag:rire" {
		t.Fatalf("undoing what another has added to: %v", err)
	}
	e := must[store.Edited](t)(turn("one", review.Undo, true))
	if len(e.Changes) != 5 || e.Undo != 0 || e.Redo != 1 {
		t.Errorf("by force: %+v", e)
	}
	if r := must[store.Review](t)(s.Review(ctx, v, "two")); r.Facts.Count() != 0 {
		t.Errorf("after that: %+v", r)
	}
	if _, err := turn("two", review.Undo, false); !errors.As(err, &conflicted) {
		t.Errorf("undoing what is gone: %v", err)
	}
	if e := must[store.Edited](t)(turn("one", review.Redo, false)); len(e.Changes) != 5 || e.Undo != 1 || e.Redo != 0 {
		t.Errorf("redone: %+v", e)
	}
	if _, err := turn("two", review.Undo, false); !errors.As(err, &conflicted) {
		t.Errorf("undoing what another has removed and brought back: %v", err)
	}
	must[store.Edited](t)(turn("two", review.Undo, true))
	if _, err := turn("one", review.Undo, false); !errors.As(err, &conflicted) {
		t.Errorf("undoing what another has undone a part of: %v", err)
	}
	must[store.Edited](t)(turn("one", review.Undo, true))
	if r := must[store.Review](t)(s.Review(ctx, v, "one")); r.Facts.Count() != 0 || r.Redo != 1 {
		t.Errorf("at the end: %+v", r)
	}
	if _, err := turn("one", review.Undo, true); !errors.Is(err, review.ErrNothing) {
		t.Errorf("undoing nothing: %v", err)
	}
}

// TestAllThatIsUndoneIsRedone: edits of one field, one after the other.
func TestAllThatIsUndoneIsRedone(t *testing.T) {
	s := fresh(t)
	v := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-22")).ID
	before := review.Value("")
	for _, title := range []review.Value{`"a"`, `"b"`, `"c"`, `"d"`} {
		edit(t, s, v, "one", review.Change{Entity: "reel/main", Field: "title", From: before, To: title})
		before = title
	}
	for range 3 {
		for _, kind := range []review.Kind{review.Undo, review.Redo} {
			for range 4 {
				must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: kind}))
			}
		}
	}
	if r := must[store.Review](t)(s.Review(ctx, v, "one")); r.Facts["reel/main"]["title"] != before || r.Undo != 4 || r.Redo != 0 {
		t.Errorf("at the end: %+v", r)
	}
}

func TestTheJournalIsRead(t *testing.T) {
	s := fresh(t)
	id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
	v := visitOf(t, s, id)
	var all []store.Edited
	for range 5 {
		e := edit(t, s, v, "one", about(id)...)
		e.Undo, e.Redo = 0, 0
		all = append(all, e)
	}
	for place := range int64(6) {
		got, last, err := s.EditsSince(ctx, v, place, 2)
		if err != nil || last != all[4].Mark || !reflect.DeepEqual(append([]store.Edited{}, got...), append([]store.Edited{}, all[place:min(5, place+2)]...)) {
			t.Errorf("after %d: %+v, %d, %v", place, got, last, err)
		}
	}
	if _, _, err := s.EditsSince(ctx, "nowhere", 0, 1); !errors.Is(err, store.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

// TestALongJournalIsReadInPieces: who has missed much is not given all at once.
func TestALongJournalIsReadInPieces(t *testing.T) {
	s := fresh(t)
	v := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-22")).ID
	long := review.Value(`"` + strings.Repeat("\U0001f600", review.MostText) + `"`)
	for range 6 {
		var cards []review.Change
		for range 60 {
			name := "card/" + uuid()
			cards = append(cards, review.Change{Entity: name, Field: "seconds", To: "3"}, review.Change{Entity: name, Field: "text", To: long})
		}
		edit(t, s, v, "one", cards...)
	}
	for place := int64(0); place < 6; {
		all, _, err := s.EditsSince(ctx, v, place, 100)
		if err != nil || len(all) == 0 || len(all) > 3 || all[0].Place != place+1 {
			t.Fatalf("after %d there are %d, %v", place, len(all), err)
		}
		place = all[len(all)-1].Place
	}
}

func TestDeletingARecordingRemovesWhatWasDecidedAboutIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	s := opened(t, path)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2)))
	v := visitOf(t, s, ids[0])
	if err := s.MoveRecording(ctx, ids[1], v); err != nil {
		t.Fatal(err)
	}
	about := func(i int, question string) []review.Change {
		list := about(ids[i])
		list[3].To = review.Value(fmt.Sprintf("%q", question))
		return append(list,
			review.Change{Entity: "decision/" + ids[i] + ".m1", Field: "recording", To: list[0].To},
			review.Change{Entity: "decision/" + ids[i] + ".m1", Field: "verdict", To: `"kept"`})
	}
	first := edit(t, s, v, "one", about(0, "Secret")...)
	edit(t, s, v, "one", about(1, "other")...)
	_, _ = s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: review.Undo})
	_, _ = s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: review.Redo})
	edit(t, s, v, "one", review.Change{Entity: first.Changes[0].Entity, Field: "question", From: `"Secret"`, To: `"Secreter"`})
	must[store.Ended](t)(s.Delete(ctx, ids[0]))
	r := must[store.Review](t)(s.Review(ctx, v, "one"))
	if r.Facts.Count() != 6 || r.Place != 6 || r.Undo != 1 {
		t.Errorf("left: %+v", r)
	}
	if all, _, err := s.EditsSince(ctx, v, 4, 9); err != nil || len(all) != 2 || len(all[0].Changes) != 0 || all[1].By != "" {
		t.Errorf("the journal: %+v", all)
	}
	if !must[bool](t)(s.Forget(ctx)) {
		t.Error("it is not forgotten")
	}
	for _, file := range must[[]string](t)(filepath.Glob(path + "*")) {
		data := must[[]byte](t)(os.ReadFile(file))
		for _, trace := range []string{"Secret", ids[0], first.Changes[0].Entity} {
			if bytes.Contains(data, []byte(trace)) {
				t.Errorf("%s still holds %q", filepath.Base(file), trace)
			}
		}
	}
	must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: review.Undo}))
	if r := must[store.Review](t)(s.Review(ctx, v, "one")); r.Facts.Count() != 0 || r.Undo != 0 || r.Redo != 1 {
		t.Errorf("after undoing the rest: %+v", r)
	}
	must[store.Ended](t)(s.Delete(ctx, ids[1]))
	if _, err := s.Review(ctx, v, "one"); !errors.Is(err, store.ErrMissing) {
		t.Errorf("the visit is still there: %v", err)
	}
}

func TestFactsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dyade.db")
	s := opened(t, path)
	v := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-22")).ID
	db := must[*sql.DB](t)(sql.Open("sqlite", path))
	defer func() { _ = db.Close() }()
	must[sql.Result](t)(db.Exec(`INSERT INTO facts (visit_id, entity, field, value)
		WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT ?, 'card/' || i, 'seconds', '3' FROM n`, review.MostFacts, v))
	card := func() review.Change { return review.Change{Entity: "card/" + uuid(), Field: "seconds", To: "3"} }
	edit(t, s, v, "one", card())
	var wrong *review.Wrong
	if _, err := s.Edit(ctx, v, doing("one", card())); !errors.As(err, &wrong) {
		t.Errorf("one more: %v", err)
	}
	if err := s.Check(ctx); err == nil || !strings.Contains(err.Error(), "its journal") {
		t.Errorf("facts without a journal: %v", err)
	}
	must[sql.Result](t)(db.Exec("DELETE FROM facts WHERE entity <> (SELECT entity FROM changes)"))
}

// TestUndoneAllIsAsItWas: three people edit the same things at random, and take it all
// back: each in turn, as far as another's edit is not in the way.
func TestUndoneAllIsAsItWas(t *testing.T) {
	for seed := range uint64(3) {
		s := fresh(t)
		id := must[[]string](t)(s.Submit(ctx, film(1)))[0]
		v := visitOf(t, s, id)
		random := mrand.New(mrand.NewPCG(7, seed))
		names, people := []string{uuid(), uuid(), uuid()}, []string{"one", "two", "three"}
		done := map[review.Kind]int{}
		for range 200 {
			r := must[store.Review](t)(s.Review(ctx, v, ""))
			e := review.Edit{ID: uuid(), By: people[random.IntN(3)], Kind: []review.Kind{review.Do, review.Do, review.Undo, review.Redo}[random.IntN(4)]}
			if e.Kind == review.Do {
				e.Changes, e.Force = someChanges(random, r.Facts, id, "segment/"+names[random.IntN(3)]), random.IntN(3) == 0
			}
			if _, err := s.Edit(ctx, v, e); err == nil {
				done[e.Kind]++
			}
		}
		if done[review.Do] < 20 || done[review.Undo] < 20 || done[review.Redo] < 5 {
			t.Fatalf("done: %v", done)
		}
		for left, before := 1, 0; left != before; {
			before, left = left, 0
			for _, by := range people {
				_, err := s.Edit(ctx, v, review.Edit{ID: uuid(), By: by, Kind: review.Undo})
				if err != nil && !errors.As(err, new(*review.Conflicted)) && !errors.Is(err, review.ErrNothing) {
					t.Fatal(err)
				}
				left += must[store.Review](t)(s.Review(ctx, v, by)).Undo
			}
		}
		for _, by := range people {
			if r := must[store.Review](t)(s.Review(ctx, v, by)); len(r.Facts) != 0 || r.Undo != 0 {
				t.Errorf("seed %d: %s has %d left to undo of %v", seed, by, r.Undo, r.Facts)
			}
		}
	}
}

// TestByForceAllIsUndone: whatever others have done meanwhile, also to what is about a
// film that was deleted then, every undo by force takes one edit back, and every redo
// does one again.
func TestByForceAllIsUndone(t *testing.T) {
	for seed := range uint64(6) {
		s := fresh(t)
		ids := must[[]string](t)(s.Submit(ctx, film(1), film(2)))
		v := visitOf(t, s, ids[0])
		if err := s.MoveRecording(ctx, ids[1], v); err != nil {
			t.Fatal(err)
		}
		random := mrand.New(mrand.NewPCG(11, seed))
		names, people := []string{uuid(), uuid(), uuid(), uuid()}, []string{"one", "two", "three"}
		kinds := []review.Kind{review.Do, review.Do, review.Do, review.Undo, review.Redo}
		for range 200 {
			r := must[store.Review](t)(s.Review(ctx, v, ""))
			e := review.Edit{ID: uuid(), By: people[random.IntN(3)], Kind: kinds[random.IntN(len(kinds))], Force: random.IntN(2) == 0}
			if e.Kind == review.Do {
				for _, i := range random.Perm(len(names))[:2] {
					e.Changes = append(e.Changes, someChanges(random, r.Facts, ids[i%2], "segment/"+names[i])...)
				}
			}
			_, _ = s.Edit(ctx, v, e)
		}
		before := map[string]store.Review{}
		for _, by := range people {
			before[by] = must[store.Review](t)(s.Review(ctx, v, by))
		}
		if seed%2 == 0 {
			must[store.Ended](t)(s.Delete(ctx, ids[0]))
		}
		for _, by := range people {
			r := must[store.Review](t)(s.Review(ctx, v, by))
			if had := before[by]; r.Undo > had.Undo || r.Redo > had.Redo {
				t.Errorf("seed %d: %s can undo %d and redo %d, and could %d and %d", seed, by, r.Undo, r.Redo, had.Undo, had.Redo)
			}
			for left := r.Undo; left > 0; left-- {
				if e := must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: by, Kind: review.Undo, Force: true})); e.Undo != left-1 {
					t.Fatalf("seed %d: of %d edits %d are left", seed, left, e.Undo)
				}
			}
			r = must[store.Review](t)(s.Review(ctx, v, by))
			for left := r.Redo; left > 0; left-- {
				if e := must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: by, Kind: review.Redo, Force: true})); e.Redo != left-1 {
					t.Fatalf("seed %d: of %d undone edits %d are left", seed, left, e.Redo)
				}
			}
		}
		if err := s.Check(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestWhatOthersRemovedIsLeftOut of an undo by force, which takes back all the rest.
func TestWhatOthersRemovedIsLeftOut(t *testing.T) {
	s := fresh(t)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2)))
	v := visitOf(t, s, ids[0])
	if err := s.MoveRecording(ctx, ids[1], v); err != nil {
		t.Fatal(err)
	}
	turn := func(kind review.Kind, force bool) (store.Edited, error) {
		return s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: kind, Force: force})
	}
	made := about(ids[0])
	edit(t, s, v, "one", made...)
	end := review.Change{Entity: made[2].Entity, Field: "end", From: made[2].To, To: `{"base":{"den":1000,"num":1},"ticks":9000}`}
	edit(t, s, v, "one", review.Change{Entity: "reel/main", Field: "title", To: `"Ensemble"`}, end)
	removed := review.Inverse(made)
	removed[1].From = end.To
	edit(t, s, v, "two", removed...)
	if _, err := turn(review.Undo, false); !errors.As(err, new(*review.Conflicted)) {
		t.Fatalf("got %v", err)
	}
	if e := must[store.Edited](t)(turn(review.Undo, true)); len(e.Changes) != 1 || e.Changes[0].Field != "title" || e.Undo != 1 || e.Redo != 1 {
		t.Errorf("got %+v", e)
	}
	if e := must[store.Edited](t)(turn(review.Undo, true)); e.Undo != 0 || e.Redo != 2 {
		t.Errorf("got %+v", e)
	}
	if r := must[store.Review](t)(s.Review(ctx, v, "one")); len(r.Facts) != 0 || r.Redo != 2 {
		t.Errorf("left: %+v", r)
	}
	edit(t, s, v, "one", about(ids[1])...)
	must[store.Ended](t)(s.Delete(ctx, ids[1])) // what changed nothing is not undone by that
	if r := must[store.Review](t)(s.Review(ctx, v, "one")); r.Undo != 0 || r.Redo != 2 {
		t.Errorf("after a film was deleted: %+v", r)
	}
}

// someChanges makes a segment, or removes it, or changes something of it.
func someChanges(r *mrand.Rand, f review.Facts, recording, name string) []review.Change {
	there := f[name]
	change := func(field string, to review.Value) review.Change {
		return review.Change{Entity: name, Field: field, From: there[field], To: to}
	}
	if len(there) == 0 {
		made := about(recording)
		for i := range made {
			made[i].Entity = name
		}
		return made
	}
	if r.IntN(6) == 0 {
		var all []review.Change
		for field := range there {
			all = append(all, change(field, ""))
		}
		return all
	}
	list := []review.Change{change("seen", review.Value(fmt.Sprintf("%q", []string{"a", "b"}[r.IntN(2)])))}
	if r.IntN(2) == 0 {
		list = append(list, change("tag:rire", []review.Value{"", "true"}[r.IntN(2)]))
	}
	if r.IntN(4) == 0 {
		list[0].From = `"stale"`
	}
	return list
}

// TestWhatCameBackIsNotTheSame: a value that others have changed, and back, is theirs.
func TestWhatCameBackIsNotTheSame(t *testing.T) {
	s := fresh(t)
	v := must[store.Visit](t)(s.CreateVisit(ctx, "", "2026-11-22")).ID
	title := func(from, to review.Value) review.Change {
		return review.Change{Entity: "reel/main", Field: "title", From: from, To: to}
	}
	edit(t, s, v, "one", title("", `"a"`))
	edit(t, s, v, "two", title(`"a"`, `"b"`))
	edit(t, s, v, "three", title(`"b"`, `"a"`))
	var c *review.Conflicted
	if _, err := s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: review.Undo}); !errors.As(err, &c) || c.Conflicts[0].Value != `"a"` {
		t.Errorf("got %v", err)
	}
	for _, by := range []string{"three", "two", "one"} {
		must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: by, Kind: review.Undo}))
	}
	must[store.Edited](t)(s.Edit(ctx, v, review.Edit{ID: uuid(), By: "one", Kind: review.Redo}))
	if _, err := s.Edit(ctx, v, review.Edit{ID: uuid(), By: "three", Kind: review.Redo}); !errors.As(err, &c) {
		t.Errorf("redone over another's: %v", err)
	}
}
