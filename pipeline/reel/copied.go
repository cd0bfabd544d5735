package reel

import (
	"bytes"
	"slices"

	"dyade/pipeline/encode/h264"
)

// Pictures are copied where they are shown as they lie in the film, from one from which
// on nothing before is needed. A stretch ends where all pictures before are shown before
// all after: then it needs nothing of what follows, and nothing that follows needs it.

// chooseCopied chooses the films that copies are made of: those whose header is the one
// that most pictures have, as the reel has room for one besides its own.
func (p *plan) chooseCopied(used []*film) {
	most := 0
	for _, f := range used {
		if f.sets == nil || f.width != p.width || f.height != p.height || !alike(f.colours, p.colours) {
			continue
		}
		n := 0
		for _, x := range p.pieces {
			if x.film != nil && sameSets(x.film.sets, f.sets) {
				n += len(x.shots)
			}
		}
		if n > most {
			most, p.sets = n, f.sets
		}
	}
	some := false
	for _, x := range p.pieces {
		if x.film != nil && sameSets(x.film.sets, p.sets) {
			x.stretches = x.film.copied(x)
			some = some || len(x.stretches) > 0
		}
	}
	if !some {
		p.sets = nil
	}
}

func sameSets(a, b *h264.Sets) bool {
	return a != nil && b != nil && slices.EqualFunc(a.Sequences, b.Sequences, bytes.Equal) && slices.EqualFunc(a.Pictures, b.Pictures, bytes.Equal)
}

// copied are the stretches of a piece that can be copied.
func (f *film) copied(x *piece) (all []stretch) {
	for from := 0; from < len(x.shots); {
		to := from
		for to < len(x.shots) && x.unchanged(x.shots[to]) {
			to++
		}
		all = append(all, f.within(x.shots, from, to)...)
		from = to + 1
	}
	return all
}

// within are the stretches of shots that are unchanged and follow each other in the film.
func (f *film) within(shots []shot, from, to int) (all []stretch) {
	packets := f.src.Index().Packets
	place := map[int]int{} // of a packet's shot
	for i := from; i < to; i++ {
		place[shots[i].packet] = i
	}
	for i := from; i < to; i++ {
		first := shots[i].packet
		if !packets[first].Clean || !packets[first].Key {
			continue
		}
		end := first
		for latest, k := packets[first].PTS, first; ; k++ {
			if _, ok := place[k]; !ok || packets[k].PTS < packets[first].PTS {
				break
			}
			if k > first && packets[k].Clean && end == first {
				break // it stands alone; of films of such pictures only, each would look at all that follow
			}
			latest = max(latest, packets[k].PTS)
			// Two keys beside each other may be taken for one picture.
			if latest < f.earliest[k+1] && !packets[k].Clean {
				end = k + 1
			}
		}
		if n := end - first; n > 1 {
			all = append(all, stretch{i, i + n, first, end})
			i += n - 1
		}
	}
	return all
}

// setID is an id for parameter sets that no copied picture's have.
func (p *plan) setID() int {
	taken := map[int]bool{}
	if p.sets != nil {
		for _, s := range p.sets.Sequences {
			if f, err := h264.ReadForm(s); err == nil {
				taken[f.ID] = true
			}
		}
		for _, s := range p.sets.Pictures {
			if id, _, err := h264.Names(s); err == nil {
				taken[id] = true
			}
		}
	}
	const last = 31
	id := 0
	for taken[id] && id < last {
		id++
	}
	return id
}
