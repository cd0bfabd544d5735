package plan

// Cost is what a plan asks of the decoder, against the whole film.
type Cost struct {
	Bytes, Frames     int64   // decoded
	OfBytes, OfFrames int64   // in the film
	Wanted            int     // pictures given
	LargestGap        float64 // seconds between two wanted, or an end of the film
}

// CostOf adds up what chunks cost.
func CostOf(ix *Index, chunks []Chunk) Cost {
	var c Cost
	for _, p := range ix.Packets {
		c.OfBytes += int64(p.Size)
		c.OfFrames++
	}
	for _, chunk := range chunks {
		for _, r := range chunk.Runs {
			bytes, frames := r.cost(ix)
			c.Bytes += bytes
			c.Frames += frames
			c.Wanted += len(r.Wanted)
		}
	}
	c.LargestGap = LargestGap(ix, chunks)
	return c
}

func (r Run) cost(ix *Index) (bytes, frames int64) {
	for i, fed := range r.Fed(ix) {
		if fed {
			bytes += int64(ix.Packets[r.From+i].Size)
			frames++
		}
	}
	return bytes, frames
}

// LargestGap is the longest time in seconds between two pictures wanted by any
// of chunks, which may be of several passes, or from the film's first picture to
// the first wanted, or from the last wanted to the film's end.
func LargestGap(ix *Index, chunks []Chunk) float64 {
	shown := ix.Shown()
	if len(shown) == 0 {
		return 0
	}
	wanted := ix.Wanted(chunks)
	last, widest := ix.Packets[shown[0]].PTS, int64(0)
	for _, i := range wanted {
		widest = max(widest, ix.Packets[i].PTS-last)
		last = ix.Packets[i].PTS
	}
	widest = max(widest, ix.End-last)
	return float64(widest) * float64(ix.Base.Num) / float64(ix.Base.Den)
}
