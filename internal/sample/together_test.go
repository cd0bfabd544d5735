package sample

import (
	"testing"

	"dyade/annotate"
)

// What is planted in a film of joint attention and reunions is in its truth, and
// nothing else of these kinds: not what only looks like it.
func TestTogetherIsReadOffTheSignals(t *testing.T) {
	kinds := map[string][]annotate.MomentKind{
		"joint attention":               {annotate.JointAttention},
		"reunion, turned to each other": {annotate.Reunion, annotate.FaceToFace},
		"reunion, close":                {annotate.Reunion, annotate.Approach},
		"approach and comfort":          {annotate.Approach},
	}
	for seed := range uint64(4) {
		s := directTogether(seed, pairs[seed%uint64(len(pairs))])
		tr := s.Truth()
		used := make([]bool, len(tr.Moments))
		names := map[string]int{}
		for _, e := range s.Episodes {
			names[e.Name]++
			for _, kind := range kinds[e.Name] {
				found := false
				for i, m := range tr.Moments {
					if m.Kind == kind && m.StartS > e.StartS-0.5 && m.EndS < e.EndS+2.5 {
						found, used[i] = true, true
					}
				}
				if !found {
					t.Errorf("seed %d: %s at %.2f to %.2f gives no %s", seed, e.Name, e.StartS, e.EndS, kind)
				}
			}
		}
		for i, m := range tr.Moments {
			// Hands that are together for long are shared engagement too.
			if !used[i] && m.Kind != annotate.SharedEngagement {
				t.Errorf("seed %d: %s at %.2f to %.2f was not planted", seed, m.Kind, m.StartS, m.EndS)
			}
		}
		for _, name := range []string{"bent down, each at their own", "close, turned elsewhere, at rest", "back, but far and turned elsewhere"} {
			if names[name] == 0 {
				t.Errorf("seed %d: no %q", seed, name)
			}
		}
	}
}

// staged is the truth of one block, after a stretch in which nothing happens.
func staged(run func(d *director)) Truth {
	d := newDirector(3, nil)
	d.joint, d.t = true, 5
	run(d)
	d.neutral(5)
	d.Duration = d.t
	return d.Truth()
}

func TestWhatOnlyLooksLikeIt(t *testing.T) {
	near := func(run func(d *director)) func(d *director) {
		return func(d *director) {
			d.approach()
			d.neutral(4)
			run(d)
		}
	}
	comeBack := func(away float64) func(d *director) {
		return func(d *director) {
			x := &d.actors[1].x
			home, out := x.last(), -330.0
			if d.side(1, d.t) < 0 {
				out = Width + 330
			}
			x.to(d.t, 1.5, out)
			x.to(d.t+1.5+away, 1.5, home)
			d.face(0, d.t+4+away)
			d.face(1, d.t+4+away)
			d.t += 9 + away
		}
	}
	for _, c := range []struct {
		name string
		run  func(d *director)
		kind annotate.MomentKind
		want int
	}{
		{"one place, hands at it", near(func(d *director) { d.jointAttention(6, -20) }), annotate.JointAttention, 1},
		{"for too short a time", near(func(d *director) { d.jointAttention(3, -20) }), annotate.JointAttention, 0},
		{"one place, far apart", func(d *director) { d.jointAttention(6, -20) }, annotate.JointAttention, 0},
		{"one place, no hands", near(func(d *director) { d.jointAttention(6, -20); d.plays = nil }), annotate.JointAttention, 0},
		{"each at their own toy", near((*director).ownToys), annotate.JointAttention, 0},
		{"hands at one place, looking at the camera", near(func(d *director) { d.jointAttention(6, 0) }), annotate.JointAttention, 0},
		{"at rest", near((*director).idleClose), annotate.JointAttention, 0},
		{"playing together, not bent over one place", near(func(d *director) { d.engage(9, false) }), annotate.JointAttention, 0},
		{"back and turned to each other", comeBack(9), annotate.Reunion, 1},
		{"back too soon", comeBack(6), annotate.Reunion, 0},
		{"back, far and turned elsewhere", (*director).strangerBack, annotate.Reunion, 0},
		{"back at the other's side", (*director).reunionClose, annotate.Reunion, 1},
	} {
		got := 0
		for _, m := range staged(c.run).Moments {
			if m.Kind == c.kind {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d of %s, want %d", c.name, got, c.kind, c.want)
		}
	}
}
