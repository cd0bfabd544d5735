package workers

import (
	"context"
	"log/slog"
	"os/exec"
	"syscall"
	"time"

	"dyade/internal/process"
)

// Hire keeps a process running that is a worker's, until ctx is over: then it may
// hand back what it is at. It does not outlive this process.
func Hire(ctx context.Context, command func() *exec.Cmd, log *slog.Logger) {
	for ctx.Err() == nil {
		cmd := command()
		gone, err := process.StartGroup(cmd, syscall.SIGTERM)
		if err == nil {
			select {
			case <-gone:
			case <-ctx.Done():
				dismiss(cmd, gone)
				return
			}
		}
		log.Warn("a worker ended; starting another", "error", err, "state", cmd.ProcessState.String())
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// dismiss asks a worker to end, and makes it.
func dismiss(cmd *exec.Cmd, gone <-chan struct{}) {
	const most = 8 * time.Second // longer than handing back takes
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-gone:
	case <-time.After(most):
		_ = cmd.Process.Kill()
		<-gone
	}
}
