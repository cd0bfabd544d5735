package show

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"time"

	"dyade/annotate/shown"
	"dyade/internal/process"
)

// Limits of the native process, in looks at it: time in which a lid was closed does
// not count.
const (
	lookAtEvery = 100 * time.Millisecond
	opening     = 10 * time.Minute // until its first note: some films are read through to be opened
	stuck       = time.Minute      // from one note to the next
	patience    = 5 * time.Second  // until it ends that has closed its output
)

// mostBytes of one thing that is made.
const mostBytes = 8 << 30

// crash is how a native process ended that did not say why.
type crash struct{ why, state string }

func (c *crash) Error() string {
	return fmt.Sprintf("the native process %s (%s): this film may be damaged, or the machine be short of memory", c.why, c.state)
}

// child is a native process at work.
type child struct {
	*process.Child
	notes chan note // closed when its output ends
}

// Niceness of what makes a thing: analyses go before what nobody has asked for.
const (
	eager  = 0
	polite = 10 // nobody waits for all of it
	quiet  = 15
)

// startChild starts one.
func startChild(command []string, nice int) (*child, error) {
	at, err := process.StartChild(command, nice)
	if err != nil {
		return nil, err
	}
	c := &child{at, make(chan note)}
	go func() {
		defer close(c.notes)
		for lines := json.NewDecoder(bufio.NewReader(at.Out)); ; {
			var n note
			if lines.Decode(&n) != nil {
				return
			}
			c.notes <- n
		}
	}()
	return c, nil
}

// stop ends the process.
func (c *child) stop() {
	c.Kill()
	for range c.notes { // let who reads them go
	}
}

// run has a job done and tells of each note.
func (c *child) run(ctx context.Context, j job, memory int64, tell func(note)) error {
	defer c.stop()
	if err := json.NewEncoder(c.In).Encode(j); err != nil {
		return c.end("ended at once")
	}
	look := time.NewTicker(lookAtEvery)
	defer look.Stop()
	looks := opening / lookAtEvery
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case n, ok := <-c.notes:
			switch {
			case !ok:
				return c.end("ended")
			case n.Bytes > mostBytes:
				return fmt.Errorf("it would be larger than %d bytes", int64(mostBytes))
			case n.last():
				if n.Done {
					tell(n)
				}
				return n.err()
			}
			tell(n)
			looks = stuck / lookAtEvery
		case <-look.C:
			if looks--; looks <= 0 {
				return c.killed("hung")
			}
			if c.Resident() > memory {
				return c.killed("took too much memory")
			}
		}
	}
}

// err is what a last note means.
func (n note) err() error {
	switch {
	case n.Unreadable != "":
		return &shown.Unreadable{Reason: string(n.Unreadable)}
	case n.Absent:
		return shown.ErrAbsent
	case n.Full:
		return fmt.Errorf("keep what browsers are shown: %w", syscall.ENOSPC)
	case n.Failed != "":
		return fmt.Errorf("the native process failed: %s", strings.TrimSpace(n.Failed))
	}
	return nil
}

func (c *child) killed(why string) error {
	c.stop()
	return &crash{why, c.Cmd.ProcessState.String()}
}

// end finds why a process ended that has closed its output.
func (c *child) end(why string) error {
	select {
	case <-c.Gone:
	case <-time.After(patience):
	}
	return c.killed(why)
}
