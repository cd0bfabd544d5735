package plan_test

import (
	"math"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

func TestMotionBySizes(t *testing.T) {
	ix := regular(20, 10) // a group a second, others than keys of 1000 bytes
	for i := range ix.Packets {
		if p := &ix.Packets[i]; p.PTS >= 5000 && p.PTS < 6000 && !p.Key {
			p.Size = 3000
		}
	}
	m := plan.NewMotion(ix)
	at := func(s float64) timecode.Instant { return timecode.At(s, ms) }
	for _, c := range []struct{ from, to, want float64 }{
		{0, 4, 1}, {5, 6, 3}, {4, 6, 2}, {7, 7, 1}, {9, 8, 1},
	} {
		if got := m.Between(at(c.from), at(c.to)); math.Abs(got-c.want) > 0.15 {
			t.Errorf("from %g to %g s: %.2f, want %g", c.from, c.to, got, c.want)
		}
	}
	for name, ix := range map[string]*plan.Index{"nothing": plan.NewIndex(ms, nil), "keys alone": regular(5, 1)} {
		if got := plan.NewMotion(ix).Between(at(0), at(1)); got != 1 {
			t.Errorf("%s: %g", name, got)
		}
	}
}
