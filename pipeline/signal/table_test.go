package signal_test

import (
	"math"
	"testing"

	"dyade/pipeline/signal"
)

// TestSeries: what was never set, was unset or could not be reckoned is unknown.
func TestSeries(t *testing.T) {
	s := signal.NewSeries("x", 6)
	s.Unset(0)
	if s.Known(0) || s.Is(0) || s.Value(0) != 0 {
		t.Error("known before anything is set")
	}
	s.Set(1, 0)
	s.Set(2, -3)
	s.Set(3, math.NaN())
	s.Set(4, 2)
	s.Unset(4)
	for i, want := range map[int]struct {
		value     float64
		known, is bool
	}{-1: {}, 0: {}, 1: {known: true}, 2: {-3, true, true}, 3: {}, 4: {}, 5: {}, 6: {}} {
		v, known := s.At(i)
		if v != want.value || known != want.known || s.Value(i) != want.value || s.Known(i) != want.known || s.Is(i) != want.is {
			t.Errorf("step %d: %g, known %t, is %t; want %+v", i, v, known, s.Is(i), want)
		}
	}
}
