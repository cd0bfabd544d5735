package review

import (
	"maps"
	"slices"
	"strings"

	"dyade/annotate/timecode"
)

// Terms are what an edit is done under.
type Terms struct {
	Force bool                        // whatever others have changed meanwhile
	AsFar bool                        // with Force: entities that cannot be changed even so stay as they are
	Has   func(recording string) bool // whether the visit has one
	// Since tells whether others have changed a field since, though it may have come back
	// to the same value; nil: nobody has.
	Since func(entity, field string) bool
}

// Apply makes changes, that Check has passed, to the facts: all of them, or none. It
// gives what it has changed, with what was there. The facts need hold no entities but
// those that are changed.
//
// The error is a Conflicted where others' changes are in the way, and a Wrong where
// what would come of it can never be.
func (f Facts) Apply(changes []Change, t Terms) (done []Change, err error) {
	if t.AsFar {
		changes = f.possible(changes, t)
	}
	a := attempt{had: f, now: f.Clone(), changed: map[[2]string]bool{}}
	for _, c := range changes {
		a.change(c, t.Force, t.Since != nil && t.Since(c.Entity, c.Field))
	}
	for _, name := range a.touched {
		if err := a.settle(name, t); err != nil {
			return nil, err
		}
	}
	if len(a.conflicts) > 0 {
		return nil, &Conflicted{a.conflicts}
	}
	for _, c := range a.done {
		f.set(c.Entity, c.Field, c.To)
	}
	return a.done, nil
}

// possible are the changes of entities that can be changed, each by itself.
func (f Facts) possible(changes []Change, t Terms) []Change {
	t.AsFar = false
	of := map[string][]Change{}
	for _, c := range changes {
		of[c.Entity] = append(of[c.Entity], c)
	}
	for name, own := range of {
		if _, err := f.Clone().Apply(own, t); err != nil {
			delete(of, name)
		}
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return of[c.Entity] == nil })
}

// attempt is an edit that is being tried.
type attempt struct {
	had, now  Facts
	done      []Change
	changed   map[[2]string]bool // entities' fields
	touched   []string           // entities, each once
	conflicts []Conflict
}

func (a *attempt) change(c Change, force, since bool) {
	there := a.had[c.Entity][c.Field]
	if (there != c.From || since) && !force {
		a.conflict(c.Entity, c.Field)
	}
	c.From = there
	a.now.set(c.Entity, c.Field, c.To)
	a.done = append(a.done, c)
	a.changed[[2]string{c.Entity, c.Field}] = true
	if !slices.Contains(a.touched, c.Entity) {
		a.touched = append(a.touched, c.Entity)
	}
}

// conflict tells of a field, and what is there.
func (a *attempt) conflict(entity, field string) {
	a.conflicts = append(a.conflicts, Conflict{entity, field, a.had[entity][field]})
}

// settle sees to it that what comes of an entity makes sense.
func (a *attempt) settle(name string, t Terms) error {
	kind, id, _ := kindOf(name)
	missing := slices.DeleteFunc(slices.Clone(kind.needs), func(field string) bool { return a.now[name][field] != "" })
	if len(a.now[name]) > 0 && len(missing) > 0 {
		return a.incomplete(name, missing, t.Force)
	}
	if err := a.about(name, id, t); err != nil {
		return err
	}
	if now := a.now[name]; strings.HasPrefix(name, segment+"/") && len(now) > 0 {
		return a.forward(name)
	}
	return nil
}

// incomplete is an entity that lacks what it needs to be there. Who removes one to
// which others have added is told what; by force it goes with that. Who changes one
// that others have removed is told that it is not there; no force brings it back, but
// saying all of it again does.
func (a *attempt) incomplete(name string, missing []string, force bool) error {
	for _, field := range missing {
		if a.had[name][field] == "" {
			a.conflict(name, field)
			force = false
		}
	}
	for _, field := range slices.Sorted(maps.Keys(a.now[name])) {
		switch {
		case a.changed[[2]string{name, field}]: // by the edit itself
		case force:
			a.change(Change{Entity: name, Field: field}, true, false)
		default:
			a.conflict(name, field)
		}
	}
	if len(a.now[name]) > 0 && len(a.conflicts) == 0 {
		return wrong("%s cannot be without %s", name, strings.Join(missing, " and "))
	}
	return nil
}

// about sees to it that an entity stays of its recording, which the visit has.
func (a *attempt) about(name, id string, t Terms) error {
	had, now := a.had[name][Recording], a.now[name][Recording]
	if now == "" || now == had {
		return nil
	}
	recording, _ := read[string](now)
	of, _, named := strings.Cut(id, ".")
	switch {
	case had != "" || named && of != recording:
		return wrong("%s is not of recording %s", name, recording)
	case !t.Has(recording):
		return wrong("the visit has no recording %s", recording)
	}
	return nil
}

// forward sees to it that a segment ends after it starts.
func (a *attempt) forward(name string) error {
	start, _ := read[timecode.Instant](a.now[name]["start"])
	end, _ := read[timecode.Instant](a.now[name]["end"])
	if start.Compare(end) < 0 {
		return nil
	}
	own := true
	for _, field := range []string{"start", "end"} {
		if !a.changed[[2]string{name, field}] { // it is where it is by another's change
			a.conflict(name, field)
			own = false
		}
	}
	if own && len(a.conflicts) == 0 {
		return wrong("%s must end after it starts", name)
	}
	return nil
}
