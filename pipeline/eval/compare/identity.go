package compare

import (
	"fmt"

	"dyade/annotate"
	"dyade/pipeline/eval/tally"
)

// Of someone who leaves and comes back: how long they are out of sight at least,
// and how long the name that they are then given is watched, in seconds.
const (
	awayS = 3.0
	backS = 5.0
)

// identities tells how well the names of people hold. Of someone's name it counts a
// change each time it differs from the last (identity_changes), a swap where that
// name was another's, or where it is new though they were not out of sight long
// (identity_swaps: an exchange of two names counts twice), and for those who come
// back whether they are called as before (reentry).
func identities(list []placed, people []annotate.Person, duration float64) ([]tally.Tally, []Case) {
	changes := figure("identity_changes", "", "count", tally.Sum)
	swaps := figure("identity_swaps", "", "per 10 min", tally.Per(10))
	for _, at := range inSight(list) {
		changes.Add(block(at), 0)
		swaps.Add(block(at), 0, min(blockS, duration-at)/60)
	}
	w := watch{owner: map[string]annotate.Role{}, trail: map[annotate.Role]*trail{}}
	var cases []Case
	for _, p := range list {
		if p.Role == annotate.Picture {
			continue
		}
		before, now, swapped := w.step(p, people)
		if before == now {
			continue
		}
		changes.Add(block(p.TimeS), 1)
		if swapped {
			swaps.Add(block(p.TimeS), 1, 0)
			cases = append(cases, Case{"swap", p.TimeS, 1,
				fmt.Sprintf("the %s, whom it has called %s", p.Role, before), "is now called " + now})
		}
	}
	return []tally.Tally{changes, swaps, w.reentries()}, cases
}

// inSight lists when those blocks start, in seconds, in which anybody is visible.
func inSight(list []placed) (starts []float64) {
	last := -1
	for _, p := range list {
		if b := block(p.TimeS); p.Visible && p.Role != annotate.Picture && b != last {
			starts = append(starts, blockS*float64(b))
			last = b
		}
	}
	return starts
}

// watch follows the names that people are given.
type watch struct {
	owner map[string]annotate.Role // who a name was last given to
	trail map[annotate.Role]*trail
	backs []*back // everyone who came back
}

// trail is what is known of one of them.
type trail struct {
	name      string  // last given; empty: none yet
	visibleAt float64 // last
	since     *back   // the last return that is still watched
}

// back is somebody's return: when, the name before, and how often each is given.
type back struct {
	at     float64
	before string
	names  map[string]int
}

// step takes the next label. Where a name is given that differs from the last, it
// gives both, and whether that is a swap; else it gives twice the same.
func (w *watch) step(p placed, people []annotate.Person) (before, now string, swapped bool) {
	if !p.Visible {
		return "", "", false
	}
	t := w.trail[p.Role]
	if t == nil {
		t = &trail{visibleAt: p.TimeS}
		w.trail[p.Role] = t
	}
	if p.TimeS-t.visibleAt >= awayS && t.name != "" {
		t.since = &back{p.TimeS, t.name, map[string]int{}}
		w.backs = append(w.backs, t.since)
	}
	t.visibleAt = p.TimeS
	if p.sighting < 0 {
		return "", "", false
	}
	who, _, ok := holder(people, p.sighting, p.Box)
	if !ok {
		return "", "", false
	}
	returned := t.since != nil && p.TimeS-t.since.at <= backS
	if returned {
		t.since.names[who.ID]++
	}
	before, now = t.name, who.ID
	if before == "" {
		before = now
	}
	owner, had := w.owner[now]
	swapped = before != now && (had && owner != p.Role || !returned)
	t.name, w.owner[now] = now, p.Role
	return before, now, swapped
}

// reentries is the share of returns after which the name most often given is the one
// before; one after which none is given is not.
func (w *watch) reentries() tally.Tally {
	t := figure("reentry", "", "share", tally.Share)
	for _, b := range w.backs {
		same := b.names[b.before] > 0
		for name, n := range b.names {
			same = same && (name == b.before || n < b.names[b.before])
		}
		t.Add(block(b.at), number(same), 1)
	}
	return t
}
