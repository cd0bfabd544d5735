package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// board shows how far a batch is: a line for each recording that is over, and, on a
// terminal, one for each that is under way, rewritten; elsewhere one when it begins.
type board struct {
	t     *terminal
	live  bool
	lines int // of those under way, on the screen
	begun map[*item]bool
}

func newBoard(t *terminal) *board {
	return &board{t: t, live: isTerminal(t.err), begun: map[*item]bool{}}
}

// mostLines of recordings under way are shown at once.
const mostLines = 8

// show tells of the recordings under way, and how many of all are over.
func (b *board) show(open []*item, over, all int) {
	var working []*item
	for _, i := range open {
		if i.told.StepsDone > 0 {
			working = append(working, i)
		}
	}
	if !b.live {
		for _, i := range working {
			if !b.begun[i] {
				b.begun[i] = true
				b.t.say("batch_working", i.path, i.told.StepsDone, i.told.Steps)
			}
		}
		return
	}
	b.end()
	for _, i := range working[:min(len(working), mostLines)] {
		b.line(i18n.T(b.t.lang, "batch_working", i.path, i.told.StepsDone, i.told.Steps))
	}
	b.line(i18n.T(b.t.lang, "batch_so_far", over, all))
}

func (b *board) line(text string) {
	width := 80
	if f, ok := b.t.err.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 10 {
			width = w
		}
	}
	if r := []rune(text); len(r) >= width {
		text = string(r[:width-2]) + "…"
	}
	fmt.Fprintln(b.t.err, text)
	b.lines++
}

// end takes the lines of recordings under way from the screen.
func (b *board) end() {
	fmt.Fprint(b.t.err, strings.Repeat("\x1b[1A\x1b[2K", b.lines))
	b.lines = 0
}

// over tells of a recording that is.
func (b *board) over(i *item) {
	b.end()
	switch {
	case i.err != nil:
		b.t.say("batch_failed", i.path, i.err)
	case i.told.State == store.Done:
		b.t.say("batch_done", i.path, i.moments)
	case i.told.State == store.Cancelled:
		b.t.say("batch_cancelled", i.path)
	default:
		b.t.say("batch_failed", i.path, i.told.Message)
	}
}

// table lists all recordings of a batch.
func (b *batch) table() {
	w := tabwriter.NewWriter(b.t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, i18n.T(b.t.lang, "batch_head"))
	for _, i := range b.items {
		state := "batch_state_" + string(i.told.State)
		if i.err != nil {
			state = "batch_state_failed"
		}
		length, moments := "–", "–"
		if s := i.seconds(); s > 0 {
			length = i18n.Clock(s)
		}
		if i.written {
			moments = fmt.Sprint(i.moments)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.path, i18n.T(b.t.lang, state), length, moments)
	}
	_ = w.Flush() // what it cannot write nobody reads
}
