package plan

import (
	"math"

	"dyade/annotate/timecode"
)

// NewIndex settles the times of packets, which it keeps, so that
//   - no two shown pictures have the same time;
//   - keys ascend, all before a key is shown before it, and all after a key is
//     shown after the key before it: a picture belongs to one group, or is a
//     leading one of the next.
//
// Sound films have it so, and are left as they are. A clock that jumps back (two
// films joined) runs on from where it was; a key that lies among other pictures
// is none.
func NewIndex(base timecode.Base, packets []Packet) *Index {
	ix := &Index{Base: base, Packets: packets}
	ix.runOn()
	shown := ix.separate()
	ix.hideUnreachable()
	ix.demoteKeys()
	if len(shown) > 0 {
		ix.End = ix.endAfter(shown)
	}
	return ix
}

// maxReorder, in seconds, is how much earlier than one decoded before it a key
// may be shown without the clock having jumped back.
const maxReorder = 1

// runOn shifts what follows a jump of the clock back to just after what was
// before.
func (ix *Index) runOn() {
	shift, last := int64(0), int64(math.MinInt64)
	for i := range ix.Packets {
		p := &ix.Packets[i]
		p.PTS += shift
		if p.Key && last != math.MinInt64 && p.PTS < last-ix.ticks(maxReorder) {
			jump := last + max(p.Duration, 1) - p.PTS
			p.PTS += jump
			shift += jump
			ix.Shifts = append(ix.Shifts, shift)
		}
		if !p.Hidden {
			last = max(last, p.PTS)
		}
	}
}

// separate puts pictures of one time a tick apart, and returns those shown.
func (ix *Index) separate() []int {
	shown := ix.Shown()
	for n := 1; n < len(shown); n++ {
		p, before := &ix.Packets[shown[n]], ix.Packets[shown[n-1]]
		p.PTS = max(p.PTS, before.PTS+1)
	}
	return shown
}

// hideUnreachable hides what comes before the first key but is shown after it:
// it cannot be decoded.
func (ix *Index) hideUnreachable() {
	for i, p := range ix.Packets {
		if !p.Key {
			continue
		}
		for j := range i {
			if ix.Packets[j].PTS >= p.PTS {
				ix.Packets[j].Hidden = true
			}
		}
		return
	}
}

func (ix *Index) demoteKeys() {
	earliest := make([]int64, len(ix.Packets)+1) // shown from packet i on
	earliest[len(ix.Packets)] = math.MaxInt64
	for i := len(ix.Packets) - 1; i >= 0; i-- {
		earliest[i] = earliest[i+1]
		if p := ix.Packets[i]; !p.Hidden {
			earliest[i] = min(earliest[i], p.PTS)
		}
	}
	key, last := int64(math.MinInt64), int64(math.MinInt64)
	for i := range ix.Packets {
		p := &ix.Packets[i]
		if p.Key {
			p.Key = p.PTS > last && p.PTS > key && earliest[i] > key
		}
		if p.Key {
			key = p.PTS
		}
		if !p.Hidden {
			last = max(last, p.PTS)
		}
	}
}

// endAfter is when the last picture's showing ends: after as long as the one
// before, at most a second, where the container does not say.
func (ix *Index) endAfter(shown []int) int64 {
	last := ix.Packets[shown[len(shown)-1]]
	switch {
	case last.Duration > 0:
		return last.PTS + last.Duration
	case len(shown) > 1:
		return last.PTS + min(last.PTS-ix.Packets[shown[len(shown)-2]].PTS, ix.ticks(1))
	}
	return last.PTS
}
