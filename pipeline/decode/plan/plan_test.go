package plan_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

var ms = timecode.Millisecond

// regular is a film of P pictures: gops groups of size pictures, 100 ms apart,
// keys of 8 parts and others of one.
func regular(gops, size int) *plan.Index {
	ix := &plan.Index{Base: ms, End: int64(gops * size * 100)}
	for i := range gops * size {
		p := plan.Packet{PTS: int64(i * 100), DTS: int64(i * 100), Duration: 100, Size: 1000, Key: i%size == 0}
		if p.Key {
			p.Size = 8000
		}
		ix.Packets = append(ix.Packets, p)
	}
	return ix
}

// random is a film as phones and encoders write them: groups of any length,
// B pictures that may be droppable, open groups, irregular times, pictures
// hidden at the start, packets before the first key.
func random(r *rand.Rand) *plan.Index {
	ix := &plan.Index{Base: ms, Origin: int64(r.IntN(100))}
	now := ix.Origin
	open, hidden := r.IntN(2) == 0, r.IntN(4) == 0
	step := func() int64 { return int64(10 + r.IntN(90) + r.IntN(2)*r.IntN(2)*r.IntN(800)) }
	for range r.IntN(3) * r.IntN(3) {
		ix.Packets = append(ix.Packets, plan.Packet{PTS: now, Size: 1 + r.IntN(100)})
		now += step()
	}
	for range 1 + r.IntN(8) {
		now = group(r, ix, now, open, step)
	}
	for i := range ix.Packets {
		ix.Packets[i].DTS = int64(i)
		ix.Packets[i].Hidden = hidden && i < 5
	}
	settled := plan.NewIndex(ms, ix.Packets)
	settled.Origin, settled.End = ix.Origin, settled.End+int64(r.IntN(100))
	return settled
}

// group adds a key and mini-groups of B pictures behind their P; in an open
// group B pictures come before the key too.
func group(r *rand.Rand, ix *plan.Index, now int64, open bool, step func() int64) int64 {
	for n := range 1 + r.IntN(12) {
		var bs []plan.Packet
		for range r.IntN(4) {
			if n > 0 || open {
				bs = append(bs, plan.Packet{PTS: now, Size: 1 + r.IntN(2000), Droppable: r.IntN(3) > 0})
				now += step()
			}
		}
		ix.Packets = append(ix.Packets, plan.Packet{PTS: now, Size: 1000 + r.IntN(20000), Key: n == 0})
		now += step()
		ix.Packets = append(ix.Packets, bs...)
	}
	return now
}

// wanted flattens chunks and checks what every plan must hold.
func wanted(t *testing.T, ix *plan.Index, chunks []plan.Chunk) []int {
	t.Helper()
	var all []int
	for _, c := range chunks {
		for _, r := range c.Runs {
			if r.From < 0 || r.To > len(ix.Packets) || len(r.Wanted) == 0 {
				t.Fatalf("run %+v of %d packets", r, len(ix.Packets))
			}
			fed := r.Fed(ix)
			for _, i := range r.Wanted {
				if i < r.From || i >= r.To || ix.Packets[i].Hidden {
					t.Fatalf("run %+v wants %d", r, i)
				}
				if lead := leads(ix, i); lead && keyBefore(ix, i) == r.From && r.From > 0 {
					t.Errorf("leading picture %d is decoded from its own key %d", i, r.From)
				}
				for j := keyBefore(ix, i); j <= i; j++ {
					if j >= r.From && !ix.Packets[j].Droppable && !fed[j-r.From] {
						t.Errorf("picture %d needs %d, which is not decoded", i, j)
					}
				}
			}
			all = append(all, r.Wanted...)
		}
	}
	for n := 1; n < len(all); n++ {
		if ix.Packets[all[n]].PTS <= ix.Packets[all[n-1]].PTS {
			t.Fatalf("wanted pictures do not ascend: %v", all)
		}
	}
	return all
}

func keyBefore(ix *plan.Index, i int) int {
	for i > 0 && !ix.Packets[i].Key {
		i--
	}
	return i
}

func leads(ix *plan.Index, i int) bool { return ix.Packets[i].PTS < ix.Packets[keyBefore(ix, i)].PTS }

// decodable lists the shown pictures that a run can reach, by time.
func decodable(ix *plan.Index) []int {
	first := slices.IndexFunc(ix.Packets, func(p plan.Packet) bool { return p.Key })
	return slices.DeleteFunc(ix.Shown(), func(i int) bool {
		return i < first || leads(ix, i) && keyBefore(ix, i) == max(first, 0)
	})
}

func TestAllWantsEveryPictureOnce(t *testing.T) {
	for seed := range uint64(3000) {
		ix := random(rand.New(rand.NewPCG(seed, 1)))
		if got := wanted(t, ix, plan.All(ix)); !slices.Equal(got, ix.Shown()) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, ix.Shown())
		}
	}
}

func TestSampleLeavesNoLargeGap(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		ix := random(r)
		gap := 0.02 + r.Float64()*r.Float64()*3
		got := wanted(t, ix, plan.Sample(ix, gap))
		can := decodable(ix)
		if len(can) == 0 != (len(got) == 0) {
			t.Fatalf("seed %d: %d wanted of %d", seed, len(got), len(can))
		}
		if len(got) == 0 {
			continue
		}
		limit := int64(math.Floor(gap*1000 + 1e-6))
		place := -1
		for _, i := range got {
			at := slices.Index(can, i)
			if at < 0 {
				t.Fatalf("seed %d: %d cannot be decoded", seed, i)
			}
			from := can[max(place, 0)]
			if d := ix.Packets[i].PTS - ix.Packets[from].PTS; d > limit && at != place+1 {
				t.Errorf("seed %d: gap of %d ms before %d, limit %d", seed, d, i, limit)
			}
			place = at
		}
		if d := ix.End - ix.Packets[got[len(got)-1]].PTS; d > limit && place != len(can)-1 {
			t.Errorf("seed %d: gap of %d ms at the end, limit %d", seed, d, limit)
		}
	}
}

// TestSampleCostsLeast tries every choice on small films: none that keeps the
// gaps is much cheaper, one mean picture being the price of each wanted one.
func TestSampleCostsLeast(t *testing.T) {
	over := 0.0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		ix := regular(2, 4)
		for i := range ix.Packets {
			ix.Packets[i].Size = 100 + r.IntN(1000)
			ix.Packets[i].Droppable = !ix.Packets[i].Key && r.IntN(3) == 0
		}
		limit := int64(100 + 100*r.IntN(4))
		price := func(c plan.Cost) float64 {
			return float64(c.Bytes) + float64(c.Wanted)*float64(c.OfBytes)/float64(c.OfFrames)
		}
		got := price(plan.CostOf(ix, plan.Sample(ix, float64(limit)/1000)))
		best := math.Inf(1)
		for set := 1; set < 1<<len(ix.Packets); set++ {
			if chunks := choice(ix, set); plan.LargestGap(ix, chunks) <= float64(limit)/1000+1e-9 {
				best = min(best, price(plan.CostOf(ix, chunks)))
			}
		}
		if got > 1.25*best {
			t.Errorf("seed %d: costs %v, the best %v", seed, got, best)
		}
		over += got/best - 1
	}
	if over /= 300; over > 0.02 {
		t.Errorf("costs %.1f %% more than the best on the whole", 100*over)
	}
}

// choice is the plan that wants the packets of a bit set in groups of four.
func choice(ix *plan.Index, set int) []plan.Chunk {
	var c plan.Chunk
	for from := 0; from < len(ix.Packets); from += 4 {
		r := plan.Run{From: from}
		for i := from; i < from+4; i++ {
			if set>>i&1 == 1 {
				r.Wanted, r.To = append(r.Wanted, i), i+1
			}
		}
		if len(r.Wanted) > 0 {
			c.Runs = append(c.Runs, r)
		}
	}
	return []plan.Chunk{c}
}

func TestSampleKnowsWhatIsCheap(t *testing.T) {
	for _, c := range []struct {
		name   string
		ix     *plan.Index
		gap    float64
		wanted []int
	}{
		{"keys alone; the first lies near enough to the start", regular(4, 5), 0.5, []int{5, 10, 15}},
		{"keys that are close enough are passed over", regular(8, 2), 0.4, []int{4, 8, 12}},
		{"the group is left early, between evenly", regular(2, 10), 0.35, []int{0, 3, 7, 10, 13, 17}},
		{"everything", regular(1, 6), 0.1, []int{1, 2, 3, 4, 5}},
	} {
		if got := wanted(t, c.ix, plan.Sample(c.ix, c.gap)); len(got) != len(c.wanted) {
			t.Errorf("%s: got %v, want as %v", c.name, got, c.wanted)
		} else if plan.LargestGap(c.ix, plan.Sample(c.ix, c.gap)) > c.gap {
			t.Errorf("%s: gap of %v", c.name, plan.LargestGap(c.ix, plan.Sample(c.ix, c.gap)))
		}
	}
}

func TestSampleRatherWantsNoDroppable(t *testing.T) {
	ix := regular(4, 9)
	for i := range ix.Packets {
		ix.Packets[i].Droppable = i%3 != 0
	}
	for _, i := range wanted(t, ix, plan.Sample(ix, 0.35)) {
		if ix.Packets[i].Droppable {
			t.Errorf("wants %d", i)
		}
	}
}

func TestKeys(t *testing.T) {
	if got := wanted(t, regular(3, 4), plan.Keys(regular(3, 4), 0)); !slices.Equal(got, []int{0, 4, 8}) {
		t.Errorf("got %v", got)
	}
	if got := wanted(t, regular(2, 4), plan.Keys(regular(2, 4), 2)); !slices.Equal(got, []int{0, 1, 2, 4, 5, 6}) {
		t.Errorf("got %v", got)
	}
	for seed := range uint64(1000) {
		ix := random(rand.New(rand.NewPCG(seed, 4)))
		wanted(t, ix, plan.Keys(ix, int(seed%4)))
	}
}

func TestNear(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 5))
		ix := random(r)
		var spans []timecode.Span
		for range 1 + r.IntN(6) {
			start := int64(r.IntN(8000)) - 500
			spans = append(spans, timecode.Span{
				Start: timecode.Instant{Ticks: start, Base: ms}, End: timecode.Instant{Ticks: start + int64(r.IntN(2000)), Base: ms}})
		}
		chunks, times := plan.Near(ix, spans)
		got := ix.Times(chunks)
		wanted(t, ix, chunks)
		for n, at := range times {
			if !slices.Contains(got, at) {
				t.Errorf("seed %d: %v is not wanted", seed, at)
			}
			within := func(i int) bool {
				p := ix.Time(i)
				return p.Compare(spans[n].Start) >= 0 && p.Compare(spans[n].End) < 0
			}
			if slices.ContainsFunc(decodable(ix), within) && (at.Compare(spans[n].Start) < 0 || at.Compare(spans[n].End) >= 0) {
				t.Errorf("seed %d: %v lies outside %v", seed, at, spans[n])
			}
		}
		if len(decodable(ix)) > 0 && len(times) != len(spans) {
			t.Errorf("seed %d: %d times for %d spans", seed, len(times), len(spans))
		}
	}
}

func TestNearTakesTheKey(t *testing.T) {
	ix := regular(3, 10)
	_, times := plan.Near(ix, []timecode.Span{{Start: timecode.At(0.5, ms), End: timecode.At(1.5, ms)}})
	if len(times) != 1 || times[0].Seconds() != 1 {
		t.Errorf("got %v", times)
	}
}

func TestCost(t *testing.T) {
	ix := regular(2, 10)
	got := plan.CostOf(ix, plan.Keys(ix, 1))
	want := plan.Cost{Bytes: 18000, Frames: 4, OfBytes: 34000, OfFrames: 20, Wanted: 4, LargestGap: 0.9}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNewIndexRunsOnWhereTheClockJumpsBack(t *testing.T) {
	once := regular(2, 20).Packets
	for i := range once {
		once[i].PTS += 5000
	}
	ix := plan.NewIndex(ms, append(once, regular(2, 20).Packets...))
	shown := ix.Shown()
	for n, i := range shown {
		if n != i || ix.Packets[i].PTS != int64(5000+100*n) || ix.Packets[i].Key != (i%20 == 0) {
			t.Fatalf("picture %d is %+v", i, ix.Packets[i])
		}
	}
	if ix.End != 5000+8000 {
		t.Errorf("ends at %d", ix.End)
	}
}

func TestNewIndexLeavesSoundFilms(t *testing.T) {
	for seed := range uint64(1000) {
		ix := random(rand.New(rand.NewPCG(seed, 6)))
		before := slices.Clone(ix.Packets)
		if again := plan.NewIndex(ms, ix.Packets); !slices.Equal(again.Packets, before) {
			t.Errorf("seed %d: changed", seed)
		}
	}
}

func TestEmptyIndex(t *testing.T) {
	ix := &plan.Index{Base: ms}
	near, times := plan.Near(ix, make([]timecode.Span, 2))
	if n := len(plan.All(ix)) + len(plan.Sample(ix, 1)) + len(plan.Keys(ix, 1)) + len(near) + len(times); n != 0 {
		t.Errorf("%d chunks of nothing", n)
	}
}

// TestChunksAreEven: a long film becomes pieces of some seconds each.
func TestChunksAreEven(t *testing.T) {
	ix := regular(600, 10)
	for _, chunks := range [][]plan.Chunk{plan.All(ix), plan.Sample(ix, 0.3), plan.Keys(ix, 0)} {
		if n := len(chunks); n < 100 || n > 200 {
			t.Errorf("%d chunks for 600 s", n)
		}
	}
}

func TestTwoHoursArePlannedQuickly(t *testing.T) {
	ix := regular(7200, 30)
	start := time.Now()
	plan.Sample(ix, 3)
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("it took %v", d)
	}
}

// FuzzSample plans films made of arbitrary bytes.
func FuzzSample(f *testing.F) {
	f.Add([]byte{1, 10, 5, 0, 20, 9, 2, 15, 7}, uint16(30))
	f.Add([]byte{}, uint16(0))
	f.Fuzz(func(t *testing.T, b []byte, gap uint16) {
		var packets []plan.Packet
		for ; len(b) >= 3 && len(packets) < 400; b = b[3:] {
			packets = append(packets, plan.Packet{PTS: int64(int8(b[1])) * 40, Size: int(b[2]), Key: b[0]&1 > 0, Droppable: b[0]&3 == 2, Hidden: b[0]&12 == 12})
		}
		ix := plan.NewIndex(ms, packets)
		if got := wanted(t, ix, plan.All(ix)); !slices.Equal(got, ix.Shown()) {
			t.Errorf("got %v, want %v", got, ix.Shown())
		}
		wanted(t, ix, plan.Sample(ix, float64(gap)/1000))
		wanted(t, ix, plan.Keys(ix, int(gap%5)))
	})
}
