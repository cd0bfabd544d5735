package plan

import (
	"sort"

	"dyade/annotate/timecode"
)

// At wants the picture that is shown at a time, the first where none is yet.
func At(ix *Index, t timecode.Instant) []Chunk {
	shown := ix.Shown()
	if len(shown) == 0 {
		return nil
	}
	n := sort.Search(len(shown), func(n int) bool { return ix.Time(shown[n]).Compare(t) > 0 })
	wanted := shown[max(0, n-1)]
	from := wanted
	for from > 0 && (!ix.Packets[from].Key || ix.Packets[from].PTS > ix.Packets[wanted].PTS) {
		from--
	}
	return []Chunk{{Runs: []Run{{From: from, To: wanted + 1, Wanted: []int{wanted}}}}}
}
