// Command cmd has a storm and says in its last line whether all held: `make storm`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"dyade/internal/process"
	"dyade/internal/storm"
)

func main() { os.Exit(run()) }

func run() int {
	faults := flag.Int("faults", 20, "how many faults")
	seed := flag.Uint64("seed", 1, "of which and when")
	program := flag.String("program", "", "dyade, built with the tag storm")
	dir := flag.String("dir", "", "an empty folder, which becomes a disk of its own")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv(inside) == "" {
		return enter(ctx)
	}
	begun := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(os.Stdout, "%4.0f s  %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	err := disk(*dir)
	if err == nil {
		err = storm.Run(ctx, storm.Options{Program: *program, Films: flag.Args(), Dir: *dir, Faults: *faults, Seed: *seed, Say: say})
	}
	if err != nil {
		fmt.Fprintf(os.Stdout, "storm: DOES NOT HOLD (%d faults, seed %d, %v): %v\n", *faults, *seed, time.Since(begun).Round(time.Second), err)
		return 1
	}
	fmt.Fprintf(os.Stdout, "storm: holds (%d faults, seed %d, %v)\n", *faults, *seed, time.Since(begun).Round(time.Second))
	return 0
}

// inside is set in the process that has a mount namespace of its own.
const inside = "DYADE_STORM_INSIDE"

// enter runs this program again where it may mount a disk that nobody else sees. It
// takes root, or namespaces of users.
func enter(ctx context.Context) int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:gosec // itself, as it was called
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid := os.Geteuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	gone, err := process.Start(cmd, syscall.SIGTERM)
	if err != nil {
		fmt.Fprintln(os.Stdout, "storm: DOES NOT HOLD: it could not begin (run it as root, or allow namespaces of users):", err)
		return 1
	}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })()
	<-gone
	return cmd.ProcessState.ExitCode()
}

// disk mounts a small disk of its own over a folder: one that can be filled.
func disk(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// In a chroot the root is no mount, and there is nothing to keep apart.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil && !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("have mounts of one's own: %w", err)
	}
	if err := syscall.Mount("dyade-storm", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "size=1200m,mode=700"); err != nil {
		return fmt.Errorf("mount a disk: %w", err)
	}
	return nil
}
