package workers

import (
	"os/exec"
	"syscall"

	"dyade/internal/process"
)

// start starts a command in a process group of its own, spared what a terminal
// sends, which gets a signal when this process dies.
func start(cmd *exec.Cmd, orphaned syscall.Signal) (gone <-chan struct{}, err error) {
	return process.StartGroup(cmd, orphaned)
}
