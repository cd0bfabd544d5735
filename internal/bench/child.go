package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// heard is what a program under measurement says of its work.
type heard struct {
	Said
	first *float64 // seconds from the start to the first ranked moments
	done  bool     // it said that it had finished
}

// hearing takes a line that the program printed, so many seconds after its start.
type hearing func(line []byte, after float64, h *heard)

// longestLine that a program may print: a ranking of a long recording.
const longestLine = 64 << 20

// child runs a program to its end and takes its time. The error says what the
// program said last.
func child(ctx context.Context, argv, env []string, cores int, hear hearing) (run Run, h heard, err error) {
	var told bytes.Buffer
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), &told
	out, err := cmd.StdoutPipe()
	if err != nil {
		return run, h, err
	}
	var start time.Time
	err = onCores(cores, func() error {
		start = time.Now()
		return cmd.Start()
	})
	if err != nil {
		return run, h, err
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		hear(lines.Bytes(), time.Since(start).Seconds(), &h)
	}
	err = errors.Join(lines.Err(), cmd.Wait())
	run.ProcessS = time.Since(start).Seconds()
	if err != nil {
		return run, h, fmt.Errorf("%w: %s", err, lastLine(told.String()))
	}
	run.Seconds, run.FirstS = run.ProcessS, h.first
	if h.Seconds > 0 {
		run.Seconds = h.Seconds
	}
	run.CPUS = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		run.MaxRSSBytes = u.Maxrss << 10
	}
	return run, h, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return strings.TrimSpace(s[strings.LastIndexByte(s, '\n')+1:])
}

// onCores starts a process that is held to so many of the cores that this one
// has, all where n is 0: it inherits what the thread that starts it may use.
func onCores(n int, start func() error) (err error) {
	if n == 0 {
		return start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return fmt.Errorf("asking for the cores: %w", err)
	}
	for cpu := 0; some.Count() < min(n, all.Count()); cpu++ {
		if all.IsSet(cpu) {
			some.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		return fmt.Errorf("holding a program to %d cores: %w", n, err)
	}
	defer func() { err = errors.Join(err, unix.SchedSetaffinity(0, &all)) }()
	return start()
}
