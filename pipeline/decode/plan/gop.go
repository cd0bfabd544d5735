package plan

// gop is a group of pictures: a key and what follows it in decoding order, up
// to the next key. Pictures decoded after the key but shown before it (the
// leading ones of an open group) may be predicted from the group before, and
// are reached by decoding through that one.
type gop struct {
	from, to int // packets, to excluded
	key      int64
}

// gops splits the index. Packets before the first key, or all where none is
// marked as a key, form a group of their own.
func (ix *Index) gops() []gop {
	var all []gop
	for i, p := range ix.Packets {
		if p.Key || i == 0 {
			if n := len(all); n > 0 {
				all[n-1].to = i
			}
			all = append(all, gop{from: i, key: p.PTS})
		}
	}
	if n := len(all); n > 0 {
		all[n-1].to = len(ix.Packets)
	}
	return all
}

// leading tells whether packet i belongs to the run of the group before g.
func (g gop) leading(ix *Index, i int) bool { return ix.Packets[i].PTS < g.key }

// lead is the packet after the last leading one of g, g.from where it is closed.
func (g gop) lead(ix *Index) int {
	for i := g.to - 1; i > g.from; i-- {
		if g.leading(ix, i) && !ix.Packets[i].Hidden {
			return i + 1
		}
	}
	return g.from
}

// All wants every picture that is shown. Each chunk is one run; where its last
// group is followed by an open one it runs on to that one's leading pictures.
func All(ix *Index) []Chunk {
	gops := ix.gops()
	var chunks []Chunk
	for a := 0; a < len(gops); {
		b := a + 1
		for b < len(gops) && gops[b].key-gops[a].key < ix.ticks(chunkSeconds) {
			b++
		}
		r := Run{From: gops[a].from, To: gops[b-1].to}
		for i := r.From; i < r.To; i++ {
			first := i < gops[a].to
			if !ix.Packets[i].Hidden && (!first || a == 0 || !gops[a].leading(ix, i)) {
				r.Wanted = append(r.Wanted, i)
			}
		}
		if b < len(gops) {
			r.To = gops[b].lead(ix)
			for i := gops[b].from; i < r.To; i++ {
				if !ix.Packets[i].Hidden && gops[b].leading(ix, i) {
					r.Wanted = append(r.Wanted, i)
				}
			}
		}
		ix.byTime(r.Wanted)
		if len(r.Wanted) > 0 {
			chunks = append(chunks, Chunk{Runs: []Run{r}})
		}
		a = b
	}
	return chunks
}
