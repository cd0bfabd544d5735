package speech

import (
	"math"
	"slices"
)

// A vocal is a voice that says no words: a cry, a laugh, a squeal. The detector hears no
// speech in it, the divider hears somebody, and its pitch moves: toys' tones keep theirs,
// and most other sounds have none. What the limits are set on, and what they miss, is in
// decision 14.
const (
	stirring    = -50      // dBFS of a tenth of a second, under which no vocal is looked for
	vocalLeast  = Rate / 2 // a shorter sound could be anything
	vocalGap    = Rate / 5 // a shorter silence is of the same vocal
	vocalSure   = 0.7      // how probable the divider finds somebody, on average
	vocalVoiced = 0.25     // share of it that has a pitch
	vocalLow    = 150      // Hz, of its median
	moves       = 0.3      // octaves between the outer tenths of its pitches, at least,
	movesAtMost = 2        // and at most
)

// vocals finds them in what is not speech.
func (e *ear) vocals(speech []span) (list []span) {
	windows := e.divider.windows
	anybody := activity(windows, make([]names, len(windows)), 1, e.frames.count)[0]
	for _, s := range speech {
		for t := s.from / frameHop; t < min(int64(len(anybody)), (s.to+frameHop-1)/frameHop); t++ {
			anybody[t] = 0
		}
	}
	for _, s := range sounding(anybody) {
		if s.to-s.from >= vocalLeast && mean(anybody, s) >= vocalSure && e.frames.sings(s) {
			list = append(list, s)
		}
	}
	return list
}

// sounding are the stretches in which somebody is heard.
func sounding(anybody []float32) (list []span) {
	for t, p := range anybody {
		if p < voiceOn {
			continue
		}
		s := span{int64(t) * frameHop, int64(t+1) * frameHop}
		if n := len(list); n > 0 && s.from-list[n-1].to < vocalGap {
			list[n-1].to = s.to
		} else {
			list = append(list, s)
		}
	}
	return list
}

// sings tells whether a stretch has a pitch that moves, as high as a child's or higher
// than most men's.
func (f *frames) sings(s span) bool {
	codes := f.codes(s)
	if n := float64(s.to-s.from) / toneHop; len(codes) < fewTones || float64(len(codes)) < vocalVoiced*n {
		return false
	}
	slices.Sort(codes)
	at := func(q float64) float64 { return hertz(codes[int(q*float64(len(codes)-1))]) }
	span := math.Log2(at(0.9) / at(0.1))
	return at(0.5) >= vocalLow && span >= moves && span <= movesAtMost
}

// stirs tells whether there is sound loud enough for a vocal within so many samples from
// one on.
func stirs(levels []float32, from, samples int64) bool {
	for i := from / levelLen; i < min(int64(len(levels)), (from+samples+levelLen-1)/levelLen); i++ {
		if levels[i] >= stirring {
			return true
		}
	}
	return false
}
