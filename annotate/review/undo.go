package review

// Turn is an edit of somebody's, in the journal.
type Turn struct {
	Place int64
	Kind  Kind
}

// Stacks finds in the turns of one browser, in their order, what it can undo and what
// it can redo: places of edits, of which the last is the next.
func Stacks(turns []Turn) (undo, redo []int64) {
	for _, t := range turns {
		switch t.Kind {
		case Do:
			undo, redo = append(undo, t.Place), nil
		case Undo:
			undo, redo = less(undo), append(redo, t.Place)
		case Redo:
			undo, redo = append(undo, t.Place), less(redo)
		}
	}
	return undo, redo
}

// less is a stack without its last: none where it is empty, as where a part of the
// journal was removed with a recording.
func less(stack []int64) []int64 {
	return stack[:max(0, len(stack)-1)]
}

// Next is the place of the edit that an undo, or a redo, takes back; ErrNothing:
// there is none.
func Next(turns []Turn, kind Kind) (int64, error) {
	undo, redo := Stacks(turns)
	stack := undo
	if kind == Redo {
		stack = redo
	}
	if len(stack) == 0 {
		return 0, ErrNothing
	}
	return stack[len(stack)-1], nil
}

// Inverse takes changes back.
func Inverse(changes []Change) []Change {
	back := make([]Change, len(changes))
	for i, c := range changes {
		back[len(changes)-1-i] = Change{c.Entity, c.Field, c.To, c.From}
	}
	return back
}
