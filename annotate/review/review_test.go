package review_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/review"
	"dyade/annotate/timecode"
)

const (
	uuid  = "0b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d"
	other = "1b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d"
	seg   = "segment/" + uuid
)

func at(s int) string { return fmt.Sprintf(`{"ticks":%d,"base":{"num":1,"den":1000}}`, s*1000) }

// edit reads changes as the door does: entity field from to, JSON.
func edit(t testing.TB, changes ...[4]string) review.Edit {
	t.Helper()
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf(`{"entity":%q,"field":%q,"from":%s,"to":%s}`, c[0], c[1], c[2], c[3]))
	}
	var e review.Edit
	doc := fmt.Sprintf(`{"id":%q,"by":"one","kind":"do","changes":[%s]}`, uuid, strings.Join(list, ","))
	if err := json.Unmarshal([]byte(doc), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

var terms = review.Terms{Has: func(id string) bool { return id == "r1" || id == "r2" }}

// do does an edit that must pass.
func do(t testing.TB, f review.Facts, changes ...[4]string) []review.Change {
	t.Helper()
	e := edit(t, changes...)
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	done, err := f.Apply(e.Changes, terms)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// fresh are facts with a segment.
func fresh(t testing.TB) review.Facts {
	f := review.Facts{}
	do(t, f, [4]string{seg, "recording", "null", `"r1"`}, [4]string{seg, "start", "null", at(1)}, [4]string{seg, "end", "null", at(9)})
	return f
}

func TestWhatFieldsMayHave(t *testing.T) {
	long := strings.Repeat("é", review.MostText)
	for _, c := range []struct {
		entity, field, to string
		ok                bool
	}{
		{seg, "seen", `"<b>l’enfant</b> rit\n"`, true}, {seg, "seen", `"` + long + `"`, true}, {seg, "seen", `"` + long + `x"`, false}, {seg, "seen", `3`, false},
		{seg, "recording", `"abc23"`, true}, {seg, "recording", `"../x"`, false}, {seg, "start", at(3), true}, {seg, "start", `{"ticks":1.5,"base":{"num":1,"den":1000}}`, false},
		{seg, "start", `{"ticks":1}`, false}, {seg, "start", `{"TICKS":1,"base":{"num":1,"den":1000}}`, false}, {seg, "end", `{"base":{"den":30000,"num":1001},"ticks":7}`, true},
		{seg, "end", `{"ticks":7,"base":{"num":1,"den":0}}`, false}, {seg, "end", `{"ticks":7,"base":{"num":1,"den":9},"more":1}`, false}, {seg, "end", `{"ticks":1e300,"base":{"num":1,"den":9}}`, false},
		{seg, "kind", `"face_to_face"`, true}, {seg, "kind", `""`, true}, {seg, "kind", `"Face"`, false}, {seg, "moment", `"m0a1b2c3d4e"`, true}, {seg, "moment", `"a b"`, false},
		{seg, "order", `"a0V"`, true}, {seg, "order", `""`, false}, {seg, "order", `"é"`, false}, {seg, "objective", `"reciprocity"`, true}, {seg, "objective", `""`, true}, {seg, "objective", `"joy"`, false},
		{seg, "tag:rire", `true`, true}, {seg, "tag:rire", `false`, false}, {seg, "tag:", `true`, false}, {seg, "tag: x", `true`, false}, {seg, "tag:" + strings.Repeat("é", 40), `true`, true},
		{seg, "tag:" + strings.Repeat("é", 41), `true`, false}, {seg, "tag", `true`, false}, {seg, "caption", `true`, true}, {seg, "caption", `"true"`, false}, {seg, "colour", `true`, false},
		{seg, "slow", `{"start":` + at(1) + `,"end":` + at(2) + `,"rate":0.25}`, true}, {seg, "slow", `{"start":` + at(1) + `,"end":` + at(2) + `,"rate":0.2}`, false},
		{seg, "slow", `{"start":` + at(1) + `,"end":` + at(2) + `,"rate":1.1}`, false}, {seg, "slow", `{"start":` + at(2) + `,"end":` + at(2) + `,"rate":0.5}`, false},
		{seg, "freeze", `{"at":` + at(1) + `,"seconds":1.5}`, true}, {seg, "freeze", `{"at":` + at(1) + `,"seconds":0}`, false}, {seg, "freeze", `{"at":` + at(1) + `,"seconds":61}`, false},
		{"segment/1", "seen", `""`, false}, {"segment/" + strings.ToUpper(uuid), "seen", `""`, false}, {"decision/r1.m1", "verdict", `"kept"`, true}, {"decision/r1.m1", "verdict", `"perhaps"`, false},
		{"decision/r1.m1", "moment", `{"id":"m1","kind":"approach","start_s":1.5,"end_s":2}`, true}, {"decision/r1.m1", "moment", `{"id":"m1"}`, false}, {"decision/r1", "verdict", `"kept"`, false},
		{"decision/r1.m1/x", "verdict", `"kept"`, false}, {"card/" + uuid, "text", `"Bonjour"`, true}, {"card/" + uuid, "seconds", `3.5`, true}, {"card/" + uuid, "seconds", `-1`, false},
		{"person/r1.p1", "role", `"parent"`, true}, {"person/r1.p1", "role", `"unknown"`, false}, {"swap/" + uuid, "a", `"p1"`, true}, {"swap/" + uuid, "at", at(1), true},
		{"reel/main", "title", `"Ensemble"`, true}, {"reel/main", "faded", `false`, true}, {"reel/main", "faded", `0`, false}, {"reel/other", "faded", `true`, false}, {"", "", `true`, false}, {seg, "", `true`, false},
	} {
		err := edit(t, [4]string{c.entity, c.field, "null", c.to}).Check()
		var wrong *review.Wrong
		if (err == nil) != c.ok || err != nil && !errors.As(err, &wrong) {
			t.Errorf("%s %s %.80s: %v", c.entity, c.field, c.to, err)
		}
	}
}

func TestWhatEditsMayBe(t *testing.T) {
	long := review.Value(`"` + strings.Repeat("\U0001f600", review.MostText) + `"`)
	next := 0
	newUUID := func() string { next++; return fmt.Sprintf("%s%012d", uuid[:24], next) }
	good := edit(t, [4]string{"reel/main", "title", "null", `"a"`})
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*review.Edit){
		"no id":             func(e *review.Edit) { e.ID = "" },
		"no maker":          func(e *review.Edit) { e.By = "" },
		"a spaced maker":    func(e *review.Edit) { e.By = "a b" },
		"no kind":           func(e *review.Edit) { e.Kind = "" },
		"no changes":        func(e *review.Edit) { e.Changes = nil },
		"an undo of a kind": func(e *review.Edit) { e.Kind = review.Undo },
		"too many":          func(e *review.Edit) { e.Changes = make([]review.Change, review.MostChanges+1) },
		"too much": func(e *review.Edit) {
			e.Changes = nil
			for range 80 {
				e.Changes = append(e.Changes, review.Change{Entity: "card/" + newUUID(), Field: "text", To: long})
			}
		},
		"one twice": func(e *review.Edit) { e.Changes = append(e.Changes, e.Changes[0]) },
	} {
		e := good
		e.Changes = slices.Clone(good.Changes)
		if change(&e); e.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// conflicts of an edit, as text.
func conflicts(f review.Facts, e review.Edit, force bool) string {
	before := f.Clone()
	with := terms
	with.Force = force
	_, err := f.Apply(e.Changes, with)
	if err != nil && !reflect.DeepEqual(f, before) {
		return "half an edit was done"
	}
	var c *review.Conflicted
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &c):
		return err.Error()
	}
	var list []string
	for _, x := range c.Conflicts {
		doc, _ := json.Marshal(x.Value)
		list = append(list, x.Field+"="+string(doc))
	}
	return strings.Join(list, " ")
}

func TestNothingIsOverwrittenInSilence(t *testing.T) {
	long := func(f review.Facts) { do(t, f, [4]string{seg, "seen", "null", `"theirs"`}) }
	for _, c := range []struct {
		name   string
		theirs func(review.Facts)
		ours   review.Edit
		want   string
		forced string
	}{
		{"another field", long, edit(t, [4]string{seg, "question", "null", `"ours"`}), "", ""},
		{"the same field", long, edit(t, [4]string{seg, "seen", "null", `"ours"`}), `seen="theirs"`, ""},
		{"the same value", long, edit(t, [4]string{seg, "seen", "null", `"theirs"`}), `seen="theirs"`, ""},
		{"one of two", long, edit(t, [4]string{seg, "seen", "null", `"ours"`}, [4]string{seg, "tag:a", "null", "true"}), `seen="theirs"`, ""},
		{"written otherwise", func(review.Facts) {}, edit(t, [4]string{seg, "start", `{"base":{"den":1e3,"num":1},"ticks":1000.0}`, at(2)}), "", ""},
		{"what is removed", remove(t), edit(t, [4]string{seg, "tag:a", "null", "true"}), "recording=null start=null end=null", "recording=null start=null end=null"},
		{"removing what was added to", long, edit(t, [4]string{seg, "recording", `"r1"`, "null"}, [4]string{seg, "start", at(1), "null"}, [4]string{seg, "end", at(9), "null"}), `seen="theirs"`, ""},
		{"a part of what removes", func(review.Facts) {}, edit(t, [4]string{seg, "recording", `"r1"`, "null"}, [4]string{seg, "start", at(1), at(2)}), `end={"base":{"den":1000,"num":1},"ticks":9000}`,
			seg + " cannot be without recording"},
		{"half a segment", remove(t), edit(t, [4]string{seg, "recording", "null", `"r1"`}), "start=null end=null", "start=null end=null"},
		{"an end before another's start", func(f review.Facts) { do(t, f, [4]string{seg, "start", at(1), at(7)}) }, edit(t, [4]string{seg, "end", at(9), at(5)}),
			`start={"base":{"den":1000,"num":1},"ticks":7000}`, `start={"base":{"den":1000,"num":1},"ticks":7000}`},
		{"an end before the start", func(review.Facts) {}, edit(t, [4]string{seg, "start", at(1), at(5)}, [4]string{seg, "end", at(9), at(5)}), seg + " must end after it starts", seg + " must end after it starts"},
		{"another recording", func(review.Facts) {}, edit(t, [4]string{seg, "recording", `"r1"`, `"r2"`}), seg + " is not of recording r2", seg + " is not of recording r2"},
		{"no recording of the visit", func(review.Facts) {}, edit(t, [4]string{"person/r3.p1", "recording", "null", `"r3"`}, [4]string{"person/r3.p1", "role", "null", `"child"`}),
			"the visit has no recording r3", "the visit has no recording r3"},
		{"another's person", func(review.Facts) {}, edit(t, [4]string{"person/r1.p1", "recording", "null", `"r2"`}, [4]string{"person/r1.p1", "role", "null", `"child"`}),
			"person/r1.p1 is not of recording r2", "person/r1.p1 is not of recording r2"},
	} {
		f := fresh(t)
		c.theirs(f)
		if got := conflicts(f.Clone(), c.ours, false); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
		if got := conflicts(f, c.ours, true); got != c.forced {
			t.Errorf("%s, by force: %q, not %q", c.name, got, c.forced)
		}
	}
}

func remove(t *testing.T) func(review.Facts) {
	return func(f review.Facts) {
		do(t, f, [4]string{seg, "recording", `"r1"`, "null"}, [4]string{seg, "start", at(1), "null"}, [4]string{seg, "end", at(9), "null"})
		if f.Count() != 0 || len(f) != 0 {
			t.Errorf("left: %v", f)
		}
	}
}

// TestUndoneAllIsAsItWas: random edits, each taken back.
func TestUndoneAllIsAsItWas(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 7))
	f := review.Facts{}
	var journal [][]review.Change
	var states []review.Facts
	for len(journal) < 300 {
		states = append(states, f.Clone())
		done, err := f.Apply(randomChanges(random), review.Terms{Force: true, Has: terms.Has})
		if err != nil {
			states = states[:len(states)-1]
			continue
		}
		journal = append(journal, done)
	}
	for i := range slices.Backward(journal) {
		if _, err := f.Apply(review.Inverse(journal[i]), terms); err != nil {
			t.Fatalf("edit %d: %v", i, err)
		}
		if !reflect.DeepEqual(f, states[i]) {
			t.Fatalf("before edit %d it was %v, and is %v", i, states[i], f)
		}
	}
	if len(f) != 0 {
		t.Errorf("left: %v", f)
	}
}

func randomChanges(r *rand.Rand) (list []review.Change) {
	name := "segment/" + []string{uuid, other}[r.IntN(2)]
	values := map[string][]string{
		"recording": {`"r1"`, ""}, "start": {at(1), at(2), ""}, "end": {at(8), at(9), ""}, "seen": {`"a"`, `"b"`, ""}, "tag:x": {"true", ""},
	}
	for _, field := range slices.Sorted(maps.Keys(values)) {
		if r.IntN(3) > 0 {
			c := review.Change{Entity: name, Field: field}
			if v := values[field][r.IntN(len(values[field]))]; v != "" {
				_ = c.To.UnmarshalJSON([]byte(v))
			}
			list = append(list, c)
		}
	}
	return list
}

func TestStacks(t *testing.T) {
	for kinds, want := range map[string]string{
		"":                             "[] []",
		"do do":                        "[1 2] []",
		"do do undo":                   "[1] [3]",
		"do undo redo":                 "[3] []",
		"do do undo undo":              "[] [3 4]",
		"do undo do":                   "[3] []",
		"do do undo undo redo do undo": "[5] [7]",
		"undo redo":                    "[2] []", // of a journal of which a part was removed
	} {
		var turns []review.Turn
		for i, k := range strings.Fields(kinds) {
			turns = append(turns, review.Turn{Place: int64(i + 1), Kind: review.Kind(k)})
		}
		undo, redo := review.Stacks(turns)
		if got := fmt.Sprint(undo, redo); got != want {
			t.Errorf("%s: %s, not %s", kinds, got, want)
		}
		if _, err := review.Next(turns, review.Undo); (err != nil) != (len(undo) == 0) {
			t.Errorf("%s: %v", kinds, err)
		}
	}
}

func TestPlan(t *testing.T) {
	f := fresh(t)
	second, opening := "segment/"+other, "card/"+uuid
	do(t, f,
		[4]string{seg, "order", "null", `"b"`}, [4]string{seg, "question", "null", `"Qu’avez-vous vu ?"`}, [4]string{seg, "kind", "null", `"approach"`},
		[4]string{seg, "slow", "null", `{"start":` + at(0) + `,"end":` + at(3) + `,"rate":0.5}`}, [4]string{seg, "freeze", "null", `{"at":` + at(9) + `,"seconds":1}`},
		[4]string{second, "recording", "null", `"r2"`}, [4]string{second, "start", "null", at(1)}, [4]string{second, "end", "null", at(2)}, [4]string{second, "order", "null", `"b"`},
		[4]string{second, "question", "null", `"Et là ?"`}, [4]string{second, "caption", "null", "true"}, [4]string{second, "freeze", "null", `{"at":` + at(1) + `,"seconds":1}`},
		[4]string{opening, "seconds", "null", "3"}, [4]string{opening, "text", "null", `"Bonjour"`}, [4]string{opening, "order", "null", `"a"`},
		[4]string{"reel/main", "title", "null", `"Ensemble"`}, [4]string{"reel/main", "evened", "null", "true"},
	)
	w := review.Wording{
		Lang: "fr", Title: func(k annotate.MomentKind) string { return "<" + string(k) + ">" },
		Film: func(id string) (string, bool) { return "sum of " + id, id != "r3" },
	}
	ms := func(s int64) timecode.Instant { return timecode.Instant{Ticks: s * 1000, Base: timecode.Millisecond} }
	want := annotate.Reel{Schema: annotate.ReelSchema, Title: "Ensemble", Lang: "fr", Evened: true, Parts: []annotate.Part{
		{ID: uuid, Card: &annotate.Card{Text: "Bonjour", Seconds: 3}},
		{ID: uuid, Cut: &annotate.Cut{
			Recording: "sum of r1", Start: ms(1), End: ms(9), Title: "<approach>", Slow: &annotate.Slow{Start: ms(1), End: ms(3), Rate: 0.5},
		}},
		{ID: other, Cut: &annotate.Cut{
			Recording: "sum of r2", Start: ms(1), End: ms(2), Title: "<>", Caption: "Et là ?", Freeze: &annotate.Freeze{At: ms(1), Seconds: 1},
		}},
	}}
	if got := f.Plan(w); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	w.Film = func(string) (string, bool) { return "", false }
	if got := f.Plan(w); len(got.Parts) != 1 {
		t.Errorf("of films that are gone: %+v", got)
	}
	if got := (review.Facts{}).Plan(w); got.Parts == nil || len(got.Parts) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// FuzzEdits: whatever comes is refused, or done whole, and can be taken back.
func FuzzEdits(f *testing.F) {
	f.Add([]byte(`{"id":"`+uuid+`","by":"one","kind":"do","changes":[{"entity":"reel/main","field":"title","from":null,"to":"a\u0000\ud800"}]}`), true)
	f.Add([]byte(`{"id":"`+uuid+`","by":"one","kind":"do","changes":[{"entity":"`+seg+`","field":"start","from":`+at(1)+`,"to":`+at(10)+`}]}`), false)
	f.Add([]byte(`{"id":"`+uuid+`","by":"one","kind":"do","changes":[{"entity":"`+seg+`","field":"recording","from":"r1","to":null}]}`), true)
	f.Fuzz(func(t *testing.T, doc []byte, force bool) {
		var e review.Edit
		if json.Unmarshal(doc, &e) != nil || e.Check() != nil {
			return
		}
		facts := fresh(t)
		do(t, facts, [4]string{seg, "seen", "null", `"x"`})
		before := facts.Clone()
		done, err := facts.Apply(e.Changes, review.Terms{Force: force, Has: terms.Has})
		if err != nil {
			if !reflect.DeepEqual(before, facts) {
				t.Fatalf("half an edit was done: %v", facts)
			}
			return
		}
		plan(facts)
		told, err := json.Marshal(facts)
		var again review.Facts
		if err == nil {
			err = json.Unmarshal(told, &again)
		}
		if err != nil || !reflect.DeepEqual(again, facts) {
			t.Fatalf("%v is told as %s: %v", facts, told, err)
		}
		if _, err := facts.Apply(review.Inverse(done), terms); err != nil || !reflect.DeepEqual(before, facts) {
			t.Fatalf("taken back: %v, %v", facts, err)
		}
	})
}

func plan(f review.Facts) annotate.Reel {
	return f.Plan(review.Wording{
		Title: func(annotate.MomentKind) string { return "" }, Film: func(id string) (string, bool) { return id, true },
	})
}
