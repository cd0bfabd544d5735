package plan_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

func TestFillAddsOnlyWhatIsDecodedAnyway(t *testing.T) {
	added := 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 21))
		ix := random(r)
		before := plan.Sample(ix, 0.05+r.Float64())
		perSecond := 1 + r.IntN(8)
		after := plan.Fill(ix, before, perSecond)
		had, has := wanted(t, ix, before), wanted(t, ix, after)
		if got, want := plan.CostOf(ix, after), plan.CostOf(ix, before); got.Bytes != want.Bytes || got.Frames != want.Frames {
			t.Fatalf("seed %d: %+v decoded instead of %+v", seed, got, want)
		}
		for _, i := range had {
			if !slices.Contains(has, i) {
				t.Fatalf("seed %d: picture %d is wanted no more", seed, i)
			}
		}
		added += len(has) - len(had)
	}
	if added == 0 {
		t.Error("nothing was added in any plan")
	}
}

func TestFillOfAFilmWithAKeyEachSecond(t *testing.T) {
	ix := &plan.Index{Base: timecode.Base{Num: 1, Den: 30}, End: 300}
	for i := range int64(300) {
		ix.Packets = append(ix.Packets, plan.Packet{PTS: i, DTS: i, Size: 100, Key: i%30 == 0})
	}
	chunks := plan.Fill(ix, plan.Sample(ix, 0.34), 5)
	inSecond := map[int]int{}
	last, gap := 0.0, 0.0
	for _, at := range ix.Times(chunks) {
		inSecond[int(at.Seconds())]++
		gap = max(gap, at.Seconds()-last)
		last = at.Seconds()
	}
	for s := range 10 {
		if inSecond[s] != 5 {
			t.Errorf("%d pictures in second %d", inSecond[s], s)
		}
	}
	if math.Abs(gap-1.0/3) > 1e-9 {
		t.Errorf("largest gap %v", gap)
	}
	if cost := plan.CostOf(ix, chunks); cost.Frames != 10*21 {
		t.Errorf("%d pictures decoded, where 21 in each second suffice", cost.Frames)
	}
}
