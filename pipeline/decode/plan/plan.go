// Package plan chooses which pictures of a film to decode, and in which pieces,
// from the packet index alone: what a picture costs is the bytes of every
// picture that must be decoded to reach it. Pure Go; nothing is decoded here.
package plan

import (
	"slices"

	"dyade/annotate/timecode"
)

// Packet is one coded picture of the film, in its stream's ticks.
type Packet struct {
	PTS      int64 // when it is shown; unique in the index, see Index.Time
	DTS      int64 // when it is decoded
	Duration int64 // 0 where the container does not say
	Pos      int64 // byte position in the file, -1 where the container does not say
	Size     int   // bytes
	Key      bool  // decoding can start here
	// Droppable: no other picture is predicted from this one, so that it need
	// not be decoded unless it is wanted itself.
	Droppable bool
	// Hidden: decoded for the sake of others but never shown, because the
	// film's edit list starts after it.
	Hidden bool
	// Clean: known to need nothing before it, nor does anything after it; of H.264 alone.
	Clean bool
}

// Index is every coded picture of the film, in decoding order. NewIndex makes
// one on which the planner can rely.
type Index struct {
	Base    timecode.Base // length of a tick
	Origin  int64         // ticks to subtract from a PTS to get media time
	End     int64         // PTS at which the last picture's showing ends
	Packets []Packet
	// Shifts are the ticks by which packets were moved behind each place where the
	// container's clock jumps back.
	Shifts []int64
}

// Time is the media time at which packet i is shown.
func (ix *Index) Time(i int) timecode.Instant {
	return timecode.Instant{Ticks: ix.Packets[i].PTS - ix.Origin, Base: ix.Base}
}

// Shown lists the packets that are shown, in the order in which they are.
func (ix *Index) Shown() []int {
	shown := make([]int, 0, len(ix.Packets))
	for i, p := range ix.Packets {
		if !p.Hidden {
			shown = append(shown, i)
		}
	}
	ix.byTime(shown)
	return shown
}

func (ix *Index) byTime(packets []int) {
	slices.SortFunc(packets, func(a, b int) int {
		switch pa, pb := ix.Packets[a].PTS, ix.Packets[b].PTS; {
		case pa < pb:
			return -1
		case pa > pb:
			return 1
		}
		return a - b
	})
}

// Run is a stretch of packets decoded in one go.
type Run struct {
	From, To int   // the packets, To excluded; the first is a key wherever the film allows it
	Wanted   []int // packets whose pictures are wanted, by ascending time
}

// Fed tells, packet by packet from r.From on, what must be decoded: droppable
// pictures only when they are wanted themselves.
func (r Run) Fed(ix *Index) []bool {
	fed := make([]bool, r.To-r.From)
	for i := range fed {
		fed[i] = !ix.Packets[r.From+i].Droppable
	}
	for _, i := range r.Wanted {
		fed[i-r.From] = true
	}
	return fed
}

// Chunk is the unit of parallel work: runs one after another in time. Chunks of
// one plan follow each other in time too, so that their pictures, taken chunk
// by chunk, ascend.
type Chunk struct{ Runs []Run }

// Wanted lists the packets whose pictures chunks are to give, by ascending time.
func (ix *Index) Wanted(chunks []Chunk) []int {
	var wanted []int
	for _, c := range chunks {
		for _, r := range c.Runs {
			wanted = append(wanted, r.Wanted...)
		}
	}
	ix.byTime(wanted)
	return wanted
}

// Wanted counts the pictures that the chunk is to give.
func (c Chunk) Wanted() int {
	n := 0
	for _, r := range c.Runs {
		n += len(r.Wanted)
	}
	return n
}

// Times lists when the wanted pictures of chunks are shown, ascending.
func (ix *Index) Times(chunks []Chunk) []timecode.Instant {
	var times []timecode.Instant
	for _, c := range chunks {
		for _, r := range c.Runs {
			for _, i := range r.Wanted {
				times = append(times, ix.Time(i))
			}
		}
	}
	return times
}

// A chunk holds chunkSeconds of film at least: long enough to make up for a seek,
// short enough for quick cancelling. Towards the end of the work it holds but one
// part in lastParts of what is left, so that no core waits long for another's
// last chunk.
const (
	chunkSeconds = 4
	lastParts    = 4
)

func (ix *Index) ticks(seconds float64) int64 {
	return timecode.At(seconds, ix.Base).Ticks
}

// group gathers runs to chunks.
func (ix *Index) group(runs []Run) []Chunk {
	if len(runs) == 0 {
		return nil
	}
	var chunks []Chunk
	var until int64
	longest, end := ix.ticks(chunkSeconds), ix.Packets[runs[len(runs)-1].From].PTS
	for _, r := range runs {
		at := ix.Packets[r.From].PTS
		if n := len(chunks); n > 0 && at < until {
			chunks[n-1].Runs = append(chunks[n-1].Runs, r)
			continue
		}
		until = at + min(longest, (end-at)/lastParts)
		chunks = append(chunks, Chunk{Runs: []Run{r}})
	}
	return chunks
}
