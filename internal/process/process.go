// Package process starts processes that do not outlive this one.
package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

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
