// Package process starts processes that do not outlive this one.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// StartGroup is Start of a command in a process group of its own, spared what a
// terminal sends.
func StartGroup(cmd *exec.Cmd, orphaned syscall.Signal) (gone <-chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return Start(cmd, orphaned)
}

// Start starts a command that gets a signal when this process dies, however it does.
// gone is closed when it has ended; its ProcessState is then known.
func Start(cmd *exec.Cmd, orphaned syscall.Signal) (gone <-chan struct{}, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = orphaned
	started, ended := make(chan error), make(chan struct{})
	go func() {
		// The signal comes when the thread ends that started it, which Go ends when
		// it likes unless it is kept.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // its state says it all
			close(ended)
		}
	}()
	return ended, <-started
}

// resident is the memory of a process in bytes; 0 where it cannot be told.
func resident(pid int) int64 {
	doc, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(doc))
	if len(words) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
