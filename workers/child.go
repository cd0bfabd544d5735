package workers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"

	"dyade/internal/process"
)

// child is the native process of a worker, started when it is needed.
type child struct {
	command []string
	memory  int64 // bytes that it may have resident

	at    *process.Child // nil: it is not needed yet
	lines *bufio.Reader  // that it writes
}

// crash is how the native process ended over a job.
type crash struct {
	why   cause
	state string
}

// cause of a crash.
type cause string

// Causes.
const (
	aborted  cause = "aborted"  // it ended by itself
	hung     cause = "hung"     // it took longer than it may
	bloated  cause = "bloated"  // it took more memory than it may
	departed cause = "departed" // it was killed, by a person or by the system for want of memory
)

func (c *crash) Error() string { return fmt.Sprintf("the native process %s (%s)", c.why, c.state) }

// do has a job done within a time. Where the native process ends over it the
// error is a *crash, where ctx does it is ctx's; either way the process is gone.
func (c *child) do(ctx context.Context, j job, within time.Duration) (reply, error) {
	if c.at == nil {
		if err := c.start(); err != nil {
			return reply{}, fmt.Errorf("start the native process: %w", err)
		}
	}
	var r reply
	var failed error
	answered := make(chan struct{})
	go func() { defer close(answered); failed = c.exchange(j, &r) }()
	look := time.NewTicker(lookAtEvery)
	defer look.Stop()
	// Time is counted in looks: that in which a lid was closed does not count.
	for looks := within / lookAtEvery; ; looks-- {
		select {
		case <-answered:
			if failed == nil {
				return r, nil
			}
			return reply{}, c.end("")
		case <-ctx.Done():
			c.stop()
			<-answered
			return reply{}, ctx.Err()
		case <-look.C:
			var why cause
			switch {
			case c.at.Resident() > c.memory:
				why = bloated
			case looks <= 0:
				why = hung
			default:
				continue
			}
			err := c.end(why)
			<-answered
			return reply{}, err
		}
	}
}

// niceness of the native process, from 0 to 19.
const niceness = 10

// lookAtEvery is how often the native process is looked at.
const lookAtEvery = 100 * time.Millisecond

func (c *child) start() (err error) {
	// Who looks at the page, or works at this machine, goes before.
	if c.at, err = process.StartChild(c.command, niceness); err == nil {
		c.lines = bufio.NewReader(c.at.Out)
	}
	return err
}

func (c *child) exchange(j job, r *reply) error {
	if err := json.NewEncoder(c.at.In).Encode(j); err != nil {
		return err
	}
	line, err := c.lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, r)
}

// end kills the process for a reason, or finds why it ended by itself.
func (c *child) end(why cause) *crash {
	itself := false
	if why == "" {
		select {
		case <-c.at.Gone:
			itself = true
		case <-time.After(patience): // it closed its output, or wrote nonsense
			why = aborted
		}
	}
	state := c.stop()
	if itself {
		why = aborted
		if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			why = departed
		}
	}
	return &crash{why, state.String()}
}

// patience is how long a process may take to end that has closed its output.
const patience = 5 * time.Second

// stop ends the process and all that it started.
func (c *child) stop() *os.ProcessState {
	if c.at == nil {
		return nil
	}
	at := c.at
	c.at = nil
	return at.Kill()
}
