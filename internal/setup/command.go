package setup

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// run executes a command in folder dir. Its output is kept back; an error
// carries the line of it that tells why.
func run(ctx context.Context, dir, name string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, os.Stdin, &out, &out
	// An interrupted installer puts its files in order before it ends.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if why := reason(out.String()); why != "" {
			return fmt.Errorf("%s: %w: %s", name, err, why)
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// reason picks the first line that is marked as an error, else the last one.
func reason(output string) string {
	last := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "E: ") || strings.HasPrefix(line, "ERROR: ") || strings.HasPrefix(line, "npm ERR! ") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}
