package cut

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"time"

	"dyade/internal/process"
)

// Limits of the native process, in looks at it: time in which a lid was closed does
// not count.
const (
	lookEvery = 100 * time.Millisecond
	stuck     = 10 * time.Minute // from one note to the next: some films are read through to be opened
	patience  = 5 * time.Second  // until it ends that has closed its output
)

// niceness of the native process: who looks at the page goes before.
const niceness = 10

// crash is how a native process ended that did not say why.
type crash struct{ why, state string }

func (c *crash) Error() string { return fmt.Sprintf("the native process %s (%s)", c.why, c.state) }

// Unfit says that a film, or the plan, is at fault.
type Unfit struct {
	Reason string
	Part   int // of the reel, from 1; 0: the reel as a whole
}

func (u *Unfit) Error() string {
	return fmt.Sprintf("part %d cannot be rendered (%s)", u.Part, u.Reason)
}

// errRender says that the rendering itself failed.
var errRender = errors.New("the rendering failed")

// err is what a last note means.
func (n note) err() error {
	switch {
	case n.Unfit != "":
		return &Unfit{n.Unfit, n.Part}
	case n.Full:
		return fmt.Errorf("render a reel: %w", syscall.ENOSPC)
	case n.Failed != "":
		return fmt.Errorf("%w: %s", errRender, n.Failed)
	}
	return nil
}

// run has a job done in a process of its own, and tells of each note.
func run(ctx context.Context, command []string, memory int64, j job, tell func(note)) error {
	c, err := process.StartChild(command, niceness)
	if err != nil {
		return fmt.Errorf("start the native process: %w", err)
	}
	notes := listen(c)
	defer func() {
		c.Kill()
		for range notes { // let who reads them go
		}
	}()
	if json.NewEncoder(c.In).Encode(j) != nil {
		return ended(c, "ended at once")
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for looks := stuck / lookEvery; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case n, ok := <-notes:
			if !ok {
				return ended(c, "ended")
			}
			if n.last() {
				return n.err()
			}
			tell(n)
			looks = stuck / lookEvery
		case <-look.C:
			if looks--; looks <= 0 {
				return &crash{"hung", c.Kill().String()}
			}
			if c.Resident() > memory {
				return &crash{"took too much memory", c.Kill().String()}
			}
		}
	}
}

// listen gives the notes of a process until its output ends.
func listen(c *process.Child) <-chan note {
	notes := make(chan note)
	go func() {
		defer close(notes)
		for lines := json.NewDecoder(bufio.NewReader(c.Out)); ; {
			var n note
			if lines.Decode(&n) != nil {
				return
			}
			notes <- n
		}
	}()
	return notes
}

// ended finds why a process ended that has closed its output.
func ended(c *process.Child, why string) error {
	select {
	case <-c.Gone:
	case <-time.After(patience):
	}
	return &crash{why, c.Kill().String()}
}
