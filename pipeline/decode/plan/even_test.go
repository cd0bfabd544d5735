package plan_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

func TestEven(t *testing.T) {
	ntsc := &plan.Index{Base: timecode.Base{Num: 1001, Den: 30000}, Origin: 7, End: 67}
	for i := range int64(60) {
		ntsc.Packets = append(ntsc.Packets, plan.Packet{PTS: 7 + i, DTS: i, Size: 1, Key: i%30 == 0})
	}
	late := regular(1, 6)
	late.Origin = -250
	for _, c := range []struct {
		name      string
		ix        *plan.Index
		perSecond float64
		wanted    []int
	}{
		{"every second picture", regular(2, 5), 5, []int{0, 2, 4, 6, 8}},
		{"the picture shown at the instant, not the nearest", regular(1, 10), 4, []int{0, 2, 5, 7}},
		{"fewer pictures than instants: each once", regular(1, 4), 100, []int{0, 1, 2, 3}},
		{"one instant", regular(2, 5), 0.5, []int{0}},
		{"1001/30000 s: 0.2 s is after 5 pictures, 1 s after 29", ntsc, 5, []int{0, 5, 11, 17, 23, 29, 35, 41, 47, 53, 59}},
		{"no picture is shown at the first instants", late, 10, []int{0, 1, 2, 3, 4, 5}},
		{"no rate", regular(1, 4), 0, nil},
		{"a rate below zero", regular(1, 4), -5, nil},
		{"not a rate", regular(1, 4), math.NaN(), nil},
		{"an endless rate", regular(1, 4), math.Inf(1), nil},
		{"nothing to want", &plan.Index{Base: ms}, 5, nil},
	} {
		if got := wanted(t, c.ix, plan.Even(c.ix, c.perSecond)); !slices.Equal(got, c.wanted) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.wanted)
		}
	}
}

// TestEvenShowsWhatAPlayerShows asks, instant by instant and in whole numbers,
// which picture is on the screen.
func TestEvenShowsWhatAPlayerShows(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		ix := random(r)
		num, den := int64(1+r.IntN(60)), int64(1+r.IntN(4))
		got := wanted(t, ix, plan.Even(ix, float64(num)/float64(den)))
		if want := onScreen(ix, num, den); !slices.Equal(got, want) {
			t.Fatalf("seed %d, %d/%d a second: got %v, want %v", seed, num, den, got, want)
		}
	}
}

// onScreen lists what is shown at the instants k·den/num seconds.
func onScreen(ix *plan.Index, num, den int64) (shown []int) {
	can := decodable(ix)
	for k := int64(0); ; k++ {
		before := func(pts int64) bool { return 1000*k*den < (pts-ix.Origin)*num }
		if !before(ix.End) {
			return shown
		}
		last := -1
		for _, i := range can {
			if before(ix.Packets[i].PTS) {
				break
			}
			last = i
		}
		if n := len(shown); last >= 0 && (n == 0 || shown[n-1] != last) {
			shown = append(shown, last)
		}
	}
}

// TestEvenLeavesGroupsEarly: what is decoded ends with the last picture wanted,
// and droppable ones are left out.
func TestEvenLeavesGroupsEarly(t *testing.T) {
	ix := regular(10, 10)
	for i := range ix.Packets {
		ix.Packets[i].Droppable = i%10 == 1
	}
	got := plan.CostOf(ix, plan.Even(ix, 5))
	if got.Wanted != 50 || got.Frames != 10*8 {
		t.Errorf("%d wanted of %d decoded, want 50 of 80", got.Wanted, got.Frames)
	}
}
