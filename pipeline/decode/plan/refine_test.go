package plan_test

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// keys lists the keys that are shown.
func keys(ix *plan.Index) []int {
	return slices.DeleteFunc(ix.Shown(), func(i int) bool { return !ix.Packets[i].Key })
}

// have marks pictures as had; none may have been before.
func have(t *testing.T, had map[int]bool, more []int) {
	t.Helper()
	for _, i := range more {
		if had[i] {
			t.Errorf("picture %d is wanted again", i)
		}
		had[i] = true
	}
}

// some marks about a share of the pictures that can be had.
func some(r *rand.Rand, ix *plan.Index, share float64) map[int]bool {
	had := map[int]bool{}
	for _, i := range decodable(ix) {
		if r.Float64() < share {
			had[i] = true
		}
	}
	return had
}

func TestSpread(t *testing.T) {
	films := map[string]*plan.Index{"a key a second": regular(12, 10), "late": regular(12, 10), "ten seconds": regular(3, 100)}
	films["late"].Origin = 500 // the second key is shown 0.5 s after the start of media time
	for _, c := range []struct {
		name, film string
		gap        float64
		had, want  []int
	}{
		{"every fourth", "a key a second", 4, nil, []int{0, 40, 80}},
		{"between those had", "a key a second", 2, []int{0, 40, 80}, []int{20, 60, 100}},
		{"where one is had, whichever", "a key a second", 4, []int{30, 110}, []int{40}},
		{"what is had but no key leaves its key to be wanted", "a key a second", 4, []int{1, 41}, []int{0, 40, 80}},
		{"all", "a key a second", 0.1, []int{0, 50}, []int{10, 20, 30, 40, 60, 70, 80, 90, 100, 110}},
		{"by media time", "late", 2, []int{0}, []int{30, 50, 70, 90, 110}},
		{"few keys", "ten seconds", 4, nil, []int{0, 100, 200}},
		{"all had", "ten seconds", 0.5, []int{0, 100, 200}, nil},
	} {
		had := map[int]bool{}
		for _, i := range c.had {
			had[i] = true
		}
		if got := wanted(t, films[c.film], plan.Spread(films[c.film], c.gap, had)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestSpreadComesToEveryKey: each pass wants at most one key in each gap of
// media time, and one in each that has a key but none that is had; halved, the
// gap comes to every key once.
func TestSpreadComesToEveryKey(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 8))
		ix := random(r)
		had := some(r, ix, 0.2*float64(r.IntN(2)))
		for gap := 4.0; gap > 0.0005; gap /= 2 {
			length := max(1, int64(math.Round(gap*1000)))
			full, keyed := map[int64]bool{}, map[int64]bool{}
			for _, i := range keys(ix) {
				n := ix.Time(i).Ticks / length
				keyed[n] = true
				full[n] = full[n] || had[i]
			}
			got := wanted(t, ix, plan.Spread(ix, gap, had))
			for _, i := range got {
				n := ix.Time(i).Ticks / length
				if full[n] || !ix.Packets[i].Key {
					t.Errorf("seed %d, gap %v: %d is wanted in vain", seed, gap, i)
				}
				full[n] = true
			}
			for n := range keyed {
				if !full[n] {
					t.Errorf("seed %d, gap %v: none from %d ms on", seed, gap, n*length)
				}
			}
			have(t, had, got)
		}
		for _, i := range keys(ix) {
			if !had[i] {
				t.Errorf("seed %d: key %d is never wanted", seed, i)
			}
		}
	}
}

// parts is some stretches of a film and around it, any of which may overlap.
func parts(r *rand.Rand, ix *plan.Index) []plan.Stretch {
	list := make([]plan.Stretch, 1+r.IntN(5))
	for n := range list {
		end := int(max(0, ix.End-ix.Origin))
		start := r.IntN(end+200) - 100
		list[n] = plan.Stretch{Worth: float64(r.IntN(4)), Span: timecode.Span{
			Start: timecode.Instant{Ticks: int64(start), Base: ms}, End: timecode.Instant{Ticks: int64(start + r.IntN(end+1)), Base: ms},
		}}
	}
	return list
}

// TestRefineLeavesNoLargeGap: what is wanted lies within the stretches, was not
// had, and leaves together with what was no gap within a stretch that the film
// itself does not have.
func TestRefineLeavesNoLargeGap(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 9))
		ix := random(r)
		had := some(r, ix, r.Float64()*r.Float64())
		stretches, gap := parts(r, ix), 0.02+r.Float64()*r.Float64()*2
		got := wanted(t, ix, plan.Refine(ix, stretches, gap, had, 0))
		for _, i := range got {
			if at := ix.Time(i); !slices.ContainsFunc(stretches, func(s plan.Stretch) bool { return contains(s, at) }) {
				t.Errorf("seed %d: %v lies in no stretch", seed, at)
			}
		}
		have(t, had, got)
		for _, s := range stretches {
			gapless(t, ix, s, had, gap)
		}
		if again := plan.Refine(ix, stretches, gap, had, 0); len(again) != 0 {
			t.Errorf("seed %d: the second time, %v is wanted", seed, again)
		}
	}
}

func contains(s plan.Stretch, at timecode.Instant) bool {
	return at.Compare(s.Start) >= 0 && at.Compare(s.End) <= 0
}

// gapless checks a stretch: from its start to each picture that is had and on to
// its end there is at most gap seconds, or no other picture between.
func gapless(t *testing.T, ix *plan.Index, s plan.Stretch, had map[int]bool, gap float64) {
	t.Helper()
	limit := int64(math.Floor(gap*1000 + 1e-6))
	last, between := s.Start.Ticks, 0
	near := func(ticks int64) {
		if ticks-last > limit && between > 0 {
			t.Errorf("from %d to %d ms %d pictures are not had, limit %d", last, ticks, between, limit)
		}
		last, between = ticks, 0
	}
	for _, i := range decodable(ix) {
		switch at := ix.Time(i); {
		case !contains(s, at):
		case had[i]:
			near(at.Ticks)
		default:
			between++
		}
	}
	near(s.End.Ticks)
}

// TestRefineTakesWhatIsWorthMost holds a budget to its word: by falling worth,
// each stretch is taken whose own cost what was spent before leaves room for.
func TestRefineTakesWhatIsWorthMost(t *testing.T) {
	left := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 10))
		ix := random(r)
		had := some(r, ix, 0.2*r.Float64())
		stretches, gap := parts(r, ix), 0.02+r.Float64()*r.Float64()
		budget := 1 + r.Int64N(plan.CostOf(ix, plan.All(ix)).Bytes+1)
		got := plan.Refine(ix, stretches, gap, had, budget)
		if cost := plan.CostOf(ix, got).Bytes; cost > budget {
			t.Errorf("seed %d: %d bytes of %d", seed, cost, budget)
		}
		slices.SortStableFunc(stretches, func(a, b plan.Stretch) int { return cmp.Compare(b.Worth, a.Worth) })
		spent, want := int64(0), []int{}
		for _, s := range stretches {
			alone := plan.Refine(ix, []plan.Stretch{s}, gap, had, 0)
			if cost := plan.CostOf(ix, alone).Bytes; spent+cost <= budget {
				spent += cost
				want = append(want, wanted(t, ix, alone)...)
			} else {
				left++
			}
		}
		found := wanted(t, ix, got)
		slices.Sort(found)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(found, want) {
			t.Errorf("seed %d: got %v, want %v", seed, found, want)
		}
	}
	if left < 1000 {
		t.Errorf("the budget left out only %d stretches: it was no trial", left)
	}
}

// TestRefineCostsLittle tries every choice on small films of which some is had.
func TestRefineCostsLittle(t *testing.T) {
	over := 0.0
	const films = 300
	for seed := range uint64(films) {
		r := rand.New(rand.NewPCG(seed, 11))
		ix := regular(2, 4)
		for i := range ix.Packets {
			ix.Packets[i].Size = 100 + r.IntN(1000)
			ix.Packets[i].Droppable = !ix.Packets[i].Key && r.IntN(3) == 0
		}
		had := some(r, ix, 0.3)
		whole := plan.Stretch{Span: timecode.Span{Start: timecode.At(0, ms), End: timecode.At(0.8, ms)}}
		gap := 0.1 * float64(1+r.IntN(4))
		price := func(c plan.Cost) float64 {
			return float64(c.Bytes) + float64(c.Wanted)*float64(c.OfBytes)/float64(c.OfFrames)
		}
		best := math.Inf(1)
		for set := range 1 << len(ix.Packets) {
			seen := set
			for i := range had {
				seen |= 1 << i
				if set>>i&1 == 1 {
					seen = 0
				}
			}
			if seen != 0 && plan.LargestGap(ix, choice(ix, seen)) <= gap+1e-9 {
				best = min(best, price(plan.CostOf(ix, choice(ix, set))))
			}
		}
		got := price(plan.CostOf(ix, plan.Refine(ix, []plan.Stretch{whole}, gap, had, 0)))
		mean := float64(plan.CostOf(ix, nil).OfBytes) / 8
		if got > best+2*mean {
			t.Errorf("seed %d: costs %v, the best %v", seed, got, best)
		}
		over += (got - best) / mean / films
	}
	if over > 0.1 {
		t.Errorf("costs %.2f pictures more than the best on the whole", over)
	}
}

func TestLongGroups(t *testing.T) {
	span := func(from, to float64) timecode.Span {
		return timecode.Span{Start: timecode.At(from, ms), End: timecode.At(to, ms)}
	}
	mixed := regular(9, 10)
	for _, i := range []int{20, 30, 60} {
		mixed.Packets[i].Key = false
	}
	keyless := regular(2, 10)
	for i := range keyless.Packets {
		keyless.Packets[i].Key = false
	}
	cut := regular(2, 20) // begins within a group, at 0.5 s of its clock
	for i := range 5 {
		cut.Packets[i].Hidden = true
	}
	cut.Origin = 500
	for _, c := range []struct {
		name string
		ix   *plan.Index
		gap  float64
		want []timecode.Span
	}{
		{"keys near enough", regular(4, 10), 1, nil},
		{"none near enough: one stretch", regular(4, 10), 0.9, []timecode.Span{span(0, 4)}},
		{"here and there", mixed, 1, []timecode.Span{span(1, 4), span(5, 7)}},
		{"no key", keyless, 1, []timecode.Span{span(0, 2)}},
		{"from the first picture shown", cut, 1.2, []timecode.Span{span(0, 3.5)}},
		{"the end counts", cut, 1.7, []timecode.Span{span(1.5, 3.5)}},
		{"no film", &plan.Index{Base: ms}, 1, nil},
	} {
		var got []timecode.Span
		for _, s := range plan.LongGroups(c.ix, c.gap) {
			got = append(got, s.Span)
			if s.Worth <= 0 {
				t.Errorf("%s: %v is worth nothing", c.name, s.Span)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestLongGroupsHoldEveryLongGroup: a time lies in a stretch where the keys
// around it are too far apart, and only there; stretches neither touch nor
// overlap.
func TestLongGroupsHoldEveryLongGroup(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 12))
		ix := random(r)
		limit := int64(20 + r.IntN(2000))
		list := plan.LongGroups(ix, float64(limit)/1000)
		for n := 1; n < len(list); n++ {
			if list[n-1].End.Compare(list[n].Start) >= 0 {
				t.Errorf("seed %d: %v meets %v", seed, list[n-1], list[n])
			}
		}
		var ends []int64
		if shown := ix.Shown(); len(shown) > 0 {
			ends = append(ends, ix.Time(shown[0]).Ticks)
			for _, i := range keys(ix) {
				ends = append(ends, ix.Time(i).Ticks)
			}
			ends = append(ends, ix.End-ix.Origin)
		}
		for n := 1; n < len(ends); n++ {
			from, to := ends[n-1], ends[n]
			middle := timecode.Instant{Ticks: from + (to-from)/2, Base: ms}
			in := slices.ContainsFunc(list, func(s plan.Stretch) bool { return contains(s, middle) })
			if long := to-from > limit; long != in && to-from > 1 {
				t.Errorf("seed %d: from %d to %d, limit %d: in a stretch: %v", seed, from, to, limit, in)
			}
		}
	}
}

// TestThese: those asked for that can be had, and no other.
func TestThese(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 13))
		ix := random(r)
		asked := map[int]bool{}
		share := r.Float64()
		for i := range ix.Packets {
			asked[i] = r.Float64() < share
		}
		want := slices.DeleteFunc(decodable(ix), func(i int) bool { return !asked[i] })
		if got := wanted(t, ix, plan.These(ix, func(i int) bool { return asked[i] })); !slices.Equal(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}

// TestCostOfSeveralPasses: what passes cost adds up, and the gap is that between
// what any of them wants.
func TestCostOfSeveralPasses(t *testing.T) {
	ix := regular(4, 10)
	first := plan.Spread(ix, 2, nil)
	second := plan.Spread(ix, 1, map[int]bool{0: true, 20: true})
	third := plan.These(ix, func(i int) bool { return i == 5 || i == 36 })
	both := slices.Concat(first, third, second)
	if got := plan.LargestGap(ix, both); got != 1 {
		t.Errorf("a gap of %v s", got)
	}
	if got := plan.LargestGap(ix, first); got != 2 {
		t.Errorf("after the first pass a gap of %v s", got)
	}
	if got := plan.LargestGap(ix, nil); got != 4 {
		t.Errorf("before any pass a gap of %v s", got)
	}
	got := plan.CostOf(ix, both)
	want := plan.Cost{Bytes: 4*8000 + 8000 + 5*1000 + 8000 + 6*1000, Frames: 4 + 6 + 7, OfBytes: 4 * 17000, OfFrames: 40, Wanted: 6, LargestGap: 1}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 14))
		ix := random(r)
		had, passes, sum := map[int]bool{}, []plan.Chunk{}, plan.Cost{}
		for gap := 2.0; gap > 0.1; gap /= 2 {
			chunks := plan.Spread(ix, gap, had)
			chunks = append(chunks, plan.Refine(ix, parts(r, ix), gap, had, 0)...)
			for _, i := range ordered(ix, chunks) {
				had[i] = true
			}
			c := plan.CostOf(ix, chunks)
			sum.Bytes, sum.Frames, sum.Wanted = sum.Bytes+c.Bytes, sum.Frames+c.Frames, sum.Wanted+c.Wanted
			passes = append(passes, chunks...)
		}
		c := plan.CostOf(ix, passes)
		if c.Bytes != sum.Bytes || c.Frames != sum.Frames || c.Wanted != sum.Wanted {
			t.Errorf("seed %d: %+v, in parts %+v", seed, c, sum)
		}
		if len(ix.Shown()) == 0 {
			continue
		}
		at := append(ix.Times(passes), ix.Time(ix.Shown()[0]), timecode.Instant{Ticks: ix.End - ix.Origin, Base: ms})
		slices.SortFunc(at, timecode.Instant.Compare)
		widest := int64(0)
		for n := 1; n < len(at); n++ {
			widest = max(widest, at[n].Ticks-at[n-1].Ticks)
		}
		if math.Abs(c.LargestGap*1000-float64(widest)) > 1e-6 {
			t.Errorf("seed %d: gap of %v s, want %d ms", seed, c.LargestGap, widest)
		}
	}
}

// ordered lists the wanted pictures of several passes, each once.
func ordered(ix *plan.Index, chunks []plan.Chunk) []int {
	var all []int
	for _, c := range chunks {
		for _, r := range c.Runs {
			all = append(all, r.Wanted...)
		}
	}
	slices.SortFunc(all, func(a, b int) int { return ix.Time(a).Compare(ix.Time(b)) })
	return slices.Compact(all)
}

func TestPassesOverNothing(t *testing.T) {
	ix := &plan.Index{Base: ms}
	whole := []plan.Stretch{{Span: timecode.Span{Start: timecode.At(0, ms), End: timecode.At(9, ms)}}}
	n := len(plan.Spread(ix, 1, nil)) + len(plan.Refine(ix, whole, 1, nil, 0)) + len(plan.These(ix, func(int) bool { return true }))
	if n != 0 || plan.LargestGap(ix, nil) != 0 || plan.CostOf(ix, nil) != (plan.Cost{}) {
		t.Errorf("%d chunks of nothing", n)
	}
}

// FuzzPasses looks at a film made of arbitrary bytes as an analysis does: keys,
// more keys, what lies between them, and the rest.
func FuzzPasses(f *testing.F) {
	f.Add([]byte{1, 0, 10, 5, 0, 0, 20, 9, 2, 0, 15, 7, 1, 3, 200, 90}, uint16(300), uint16(2), int64(40), int64(0))
	f.Add([]byte{3, 0, 0, 9, 0, 9, 0, 9}, uint16(1), uint16(0), int64(1)<<40, int64(90))
	f.Add([]byte{}, uint16(0), uint16(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, gap, part uint16, tick, budget int64) {
		tick = tick % (1 << 40) // up to some years, with times up to 16 bits
		var packets []plan.Packet
		for ; len(b) >= 4 && len(packets) < 300; b = b[4:] {
			packets = append(packets, plan.Packet{
				PTS: int64(int16(binary.BigEndian.Uint16(b[1:]))) * tick, Size: int(b[3]), Key: b[0]&1 > 0, Droppable: b[0]&3 == 2, Hidden: b[0]&12 == 12,
			})
		}
		ix := plan.NewIndex(ms, packets)
		had := map[int]bool{}
		for wide := 4.0; wide > 0.1; wide /= 2 {
			have(t, had, wanted(t, ix, plan.Spread(ix, wide, had)))
		}
		fine := float64(gap) / 1000
		long := plan.LongGroups(ix, fine)
		have(t, had, wanted(t, ix, plan.Refine(ix, long, fine, had, budget)))
		if n := len(long); n > 0 {
			long[int(part)%n].Worth = 2
		}
		have(t, had, wanted(t, ix, plan.Refine(ix, long, fine, had, 0)))
		for _, s := range long {
			gapless(t, ix, s, had, fine)
		}
		rest := plan.These(ix, func(i int) bool { return !had[i] })
		have(t, had, wanted(t, ix, rest))
		for _, i := range decodable(ix) {
			if !had[i] {
				t.Errorf("picture %d is never seen", i)
			}
		}
	})
}
