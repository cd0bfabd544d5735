package plan

import (
	"slices"
	"sort"

	"dyade/annotate/timecode"
)

// Motion tells from the sizes of packets how much pictures change: what follows
// a key is coded as what differs, and nothing needs to be decoded to know how
// many bytes that took. Where an encoder holds its rate constant it tells little.
type Motion struct {
	base   timecode.Base
	origin int64
	times  []int64 // of pictures that are no keys, ascending
	bytes  []int64 // of them all before each, and of all
	usual  float64 // bytes per tick, the median of the seconds of the film
}

// NewMotion reads it from the index.
func NewMotion(ix *Index) *Motion {
	m := &Motion{base: ix.Base, origin: ix.Origin, bytes: []int64{0}}
	for _, i := range ix.Shown() {
		if p := ix.Packets[i]; !p.Key {
			m.times = append(m.times, p.PTS)
			m.bytes = append(m.bytes, m.bytes[len(m.bytes)-1]+int64(p.Size))
		}
	}
	if len(m.times) == 0 {
		return m
	}
	var seconds []float64
	second := max(1, ix.ticks(1))
	for t := m.times[0]; t+second <= m.times[len(m.times)-1]; t += second {
		seconds = append(seconds, float64(m.between(t, t+second))/float64(second))
	}
	if len(seconds) > 0 {
		slices.Sort(seconds)
		m.usual = seconds[len(seconds)/2]
	}
	return m
}

func (m *Motion) between(from, to int64) int64 {
	at := func(t int64) int { return sort.Search(len(m.times), func(i int) bool { return m.times[i] >= t }) }
	return m.bytes[at(to)] - m.bytes[at(from)]
}

// Between is how much changes from one media time to a later one, against what
// is usual in the film; 1 where that is not known, as it is to a nil Motion.
func (m *Motion) Between(from, to timecode.Instant) float64 {
	if m == nil {
		return 1
	}
	a, b := from.In(m.base).Ticks+m.origin, to.In(m.base).Ticks+m.origin
	if m.usual <= 0 || b <= a {
		return 1
	}
	return float64(m.between(a, b)) / float64(b-a) / m.usual
}
