// Package setup installs what dyade is built, run and tested with: Debian
// packages, models, the library that runs them, sample material and Go modules.
// It is pure Go with few imports, so that it builds before any of them is there.
//
// It may be killed at any moment and started again: each thing is made aside,
// checked, and then renamed into its place.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"dyade/models/manifest"
)

// Setup is one run on one copy of the project.
type Setup struct {
	Root    string           // the project's folder
	Out     io.Writer        // gets a line for each step that does something
	Debian  []DebianPackage  // to be there on the machine
	Entries []manifest.Entry // to be there under Root/share
	Fetch   Fetch            // downloads a package
	Modules bool             // Go modules are wanted too
}

// New is the set-up of the project in folder root, as the manifest and the list
// of Debian packages have it.
func New(root string, out io.Writer) *Setup {
	return &Setup{
		Root:    root,
		Out:     out,
		Debian:  DebianPackages(),
		Entries: manifest.Entries(),
		Fetch:   FromRegistry,
		Modules: true,
	}
}

// Failure is a step that did not succeed. Its sentence says which command
// repairs it.
type Failure struct {
	What   string // failed
	Repair string // a command, or what to change
	Err    error
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s failed (%v): %s", f.What, f.Err, f.Repair)
}

func (f *Failure) Unwrap() error { return f.Err }

const again = "check the network and the disk's free space, then run `make setup` again"

// Run installs what is missing and nothing else. Where all is there it takes a
// fraction of a second and does not use the network. Errors are of type
// *Failure.
func (s *Setup) Run(ctx context.Context) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return &Failure{"set-up", "use a Debian 12 machine with an Intel or AMD processor (amd64)",
			fmt.Errorf("this is %s on %s", runtime.GOOS, runtime.GOARCH)}
	}
	unlock, err := s.lock()
	if err != nil {
		return &Failure{"set-up in " + s.share(), "make the folder writable, then run `make setup` again", err}
	}
	defer unlock()
	if err := s.installDebian(ctx); err != nil {
		return err
	}
	if s.stamped() {
		return nil
	}
	if err := s.installEntries(ctx); err != nil {
		return err
	}
	if s.Modules {
		s.say("Go modules: fetching those that are missing")
		if err := run(ctx, s.Root, "go", "mod", "download"); err != nil {
			return &Failure{"fetching Go modules", again, err}
		}
	}
	if err := s.stamp(); err != nil {
		return &Failure{"noting what is installed in " + s.share(), again, err}
	}
	s.say("Set-up is complete.")
	return nil
}

func (s *Setup) share() string { return filepath.Join(s.Root, "share") }

func (s *Setup) path(e manifest.Entry) string {
	return filepath.Join(s.share(), filepath.FromSlash(e.Path()))
}

func (s *Setup) say(format string, args ...any) {
	// Progress that cannot be shown must not stop the work.
	_, _ = fmt.Fprintf(s.Out, format+"\n", args...)
}

// lock keeps a second set-up of the same folder waiting. The kernel lets go of
// it when the process ends, however it ends.
func (s *Setup) lock() (unlock func(), err error) {
	if err := os.MkdirAll(s.share(), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.share(), ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	// Nothing is written to the file: closing it cannot lose anything.
	return func() { _ = f.Close() }, nil
}
