package store_test

import (
	"errors"
	"fmt"
	"testing"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// planOf is one that shows films.
func planOf(films ...int) []byte {
	var plan string
	for _, n := range films {
		plan += fmt.Sprintf(`{"recording":%q}`, sum("film", n))
	}
	return []byte(plan)
}

func TestAReelIsAskedForAndRendered(t *testing.T) {
	s := fresh(t)
	v := visitOf(t, s, must[[]string](t)(s.Submit(ctx, film(1)))[0])
	ask := func(plan []byte) {
		t.Helper()
		if err := s.AskReel(ctx, v, plan); err != nil {
			t.Fatal(err)
		}
	}
	if o := must[*store.Order](t)(s.NextReel(ctx)); o != nil {
		t.Errorf("asked for: %+v", o)
	}
	ask(planOf(1))
	o := must[*store.Order](t)(s.NextReel(ctx))
	if ask(planOf(1)); o.Visit != v || must[*store.Order](t)(s.NextReel(ctx)).Job != o.Job {
		t.Errorf("asked again, another is asked for than %+v", o)
	}
	ask(planOf(1, 1))
	next := must[*store.Order](t)(s.NextReel(ctx))
	if must[bool](t)(s.ReelAsked(ctx, o.Job)) || !must[bool](t)(s.ReelAsked(ctx, next.Job)) {
		t.Error("the former rendering is still asked for")
	}
	if kept, _, err := s.ReelRendered(ctx, o.Job, sum("reel", 0), sum("provenance", 0)); kept || err != nil {
		t.Errorf("the former rendering was kept: %v", err)
	}
	if err := s.ReelCrashed(ctx, next.Job); err != nil || must[*store.Order](t)(s.NextReel(ctx)).Crashes != 1 {
		t.Error(err)
	}
	for n := range 2 {
		ask(planOf(1, 1, n))
		o := must[*store.Order](t)(s.NextReel(ctx))
		kept, unneeded, err := s.ReelRendered(ctx, o.Job, sum("reel", n), sum("provenance", 7))
		if !kept || err != nil || len(unneeded) != n {
			t.Errorf("kept %v, unneeded %v, %v", kept, unneeded, err)
		}
		if r := must[store.Reel](t)(s.Reel(ctx, v)); r.Job != "" || r.Film != sum("reel", n) || string(r.Shows) != string(planOf(1, 1, n)) {
			t.Errorf("there is %+v", r)
		}
	}
	ask(planOf(1))
	if err := s.ReelFailed(ctx, must[*store.Order](t)(s.NextReel(ctx)).Job, "crash", 0); err != nil {
		t.Fatal(err)
	}
	if r := must[store.Reel](t)(s.Reel(ctx, v)); r.Failure != "crash" || r.Film != sum("reel", 1) || r.Job != "" {
		t.Errorf("there is %+v", r)
	}
	ask(planOf(1))
	if err := s.CancelReel(ctx, v); err != nil {
		t.Fatal(err)
	}
	if r := must[store.Reel](t)(s.Reel(ctx, v)); r.Failure != "" || r.Film != sum("reel", 1) || r.Job != "" {
		t.Errorf("there is %+v", r)
	}
	for _, err := range []error{s.AskReel(ctx, "nowhere", planOf(1)), s.CancelReel(ctx, "nowhere"), second(s.Reel(ctx, "nowhere"))} {
		if !errors.Is(err, store.ErrMissing) {
			t.Errorf("of no visit: %v", err)
		}
	}
}

// TestAReelGoesWithWhatItShows, and only with that.
func TestAReelGoesWithWhatItShows(t *testing.T) {
	s := fresh(t)
	ids := must[[]string](t)(s.Submit(ctx, film(1), film(2), film(3)))
	v := visitOf(t, s, ids[0])
	for _, id := range ids[1:] {
		if err := s.MoveRecording(ctx, id, v); err != nil {
			t.Fatal(err)
		}
	}
	render := func(films ...int) {
		t.Helper()
		if err := s.AskReel(ctx, v, planOf(films...)); err != nil {
			t.Fatal(err)
		}
		if kept, _, err := s.ReelRendered(ctx, must[*store.Order](t)(s.NextReel(ctx)).Job, sum("reel", 1), sum("provenance", 1)); !kept || err != nil {
			t.Fatal(kept, err)
		}
	}
	needs := func(want bool) {
		t.Helper()
		for _, x := range []blob.Sum{sum("reel", 1), sum("provenance", 1)} {
			if needed := must[bool](t)(s.Needed(ctx, x)); needed != want {
				t.Errorf("%s is needed: %v", x, needed)
			}
		}
	}
	render(2, 3)
	needs(true)
	if who := must[[]store.Recording](t)(s.NeededBy(ctx, sum("reel", 1))); len(who) != 3 {
		t.Errorf("needed by %+v", who)
	}
	must[store.Ended](t)(s.Delete(ctx, ids[0]))
	needs(true)
	if e := must[store.Ended](t)(s.Delete(ctx, ids[1])); len(e.Unneeded) != 3 {
		t.Errorf("unneeded: %v", e.Unneeded)
	}
	needs(false)
	render() // of cards alone
	needs(true)
	if e := must[store.Ended](t)(s.Delete(ctx, ids[2])); len(e.Unneeded) != 3 {
		t.Errorf("unneeded: %v", e.Unneeded)
	}
	needs(false)
}
