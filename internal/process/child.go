package process

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// Child is a process that does what may take it down, and is spoken to by its input and
// output. It is in a group of its own, and goes when this process does.
type Child struct {
	Cmd  *exec.Cmd
	Gone <-chan struct{} // closed when it has ended
	In   io.WriteCloser
	Out  io.Reader
}

// StartChild starts one of a niceness from 0 to 19: above 0, others go before it.
func StartChild(command []string, niceness int) (*Child, error) {
	c := &Child{Cmd: exec.Command(command[0], command[1:]...)}
	c.Cmd.Stderr = os.Stderr
	var err error
	if c.In, err = c.Cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.Out, err = c.Cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if c.Gone, err = StartGroup(c.Cmd, syscall.SIGKILL); err != nil {
		return nil, err
	}
	// All its threads are in its group, and what they start inherits it.
	_ = syscall.Setpriority(syscall.PRIO_PGRP, c.Cmd.Process.Pid, niceness)
	// Where memory runs out, the system is to take this process first.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", c.Cmd.Process.Pid), []byte("1000"), 0)
	return c, nil
}

// Kill ends it and all that it started, and tells how it ended.
func (c *Child) Kill() *os.ProcessState {
	select {
	case <-c.Gone: // its number may be another's by now
	default:
		_ = syscall.Kill(-c.Cmd.Process.Pid, syscall.SIGKILL)
		<-c.Gone
	}
	return c.Cmd.ProcessState
}

// Resident is its memory in bytes; 0 where that cannot be told.
func (c *Child) Resident() int64 { return resident(c.Cmd.Process.Pid) }
