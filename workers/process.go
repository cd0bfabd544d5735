package workers

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start starts a command in a process group of its own, spared what a terminal
// sends, which gets a signal when this process dies, however it does. gone is
// closed when it has ended; its state is then known.
func start(cmd *exec.Cmd, orphaned syscall.Signal) (gone <-chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: orphaned}
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
