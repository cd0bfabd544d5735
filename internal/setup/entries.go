package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dyade/internal/setup/ge2e"
	"dyade/internal/setup/pyannet"
	"dyade/models/manifest"
)

const incoming = ".incoming-"

// installEntries fetches each package of which a thing is missing or changed.
func (s *Setup) installEntries(ctx context.Context) error {
	if err := s.sweep(); err != nil {
		return &Failure{"clearing up after an interrupted set-up", again, err}
	}
	for _, group := range byPackage(s.Entries) {
		var wanted []manifest.Entry
		for _, e := range group {
			if sum, err := manifest.Sum(s.path(e)); err != nil || sum != e.SHA256 {
				wanted = append(wanted, e)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		p := wanted[0].Package
		s.say("%s: fetching %s", p, names(wanted))
		if err := s.installPackage(ctx, p, wanted); err != nil {
			return &Failure{fmt.Sprintf("installing %s from %s", names(wanted), p), again, err}
		}
	}
	return nil
}

// sweep removes what a killed run left; the lock says that no other runs now.
func (s *Setup) sweep() error {
	left, err := filepath.Glob(filepath.Join(s.share(), incoming+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// byPackage groups entries of the same package, in the order of their first.
func byPackage(entries []manifest.Entry) [][]manifest.Entry {
	var groups [][]manifest.Entry
	at := map[manifest.Package]int{}
	for _, e := range entries {
		i, ok := at[e.Package]
		if !ok {
			i = len(groups)
			at[e.Package] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	return groups
}

func names(entries []manifest.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Name)
	}
	return strings.Join(all, ", ")
}

func (s *Setup) installPackage(ctx context.Context, p manifest.Package, wanted []manifest.Entry) (err error) {
	aside, err := os.MkdirTemp(s.share(), incoming)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	download, files := filepath.Join(aside, "download"), filepath.Join(aside, "files")
	for _, dir := range []string{download, files} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	archive, err := s.Fetch(ctx, p, download)
	if err != nil {
		return err
	}
	if err := check(archive, p.SHA256); err != nil {
		return err
	}
	members := map[string]bool{}
	for _, e := range wanted {
		members[e.Member] = true
	}
	err = unpack(ctx, p.Registry, archive, files, func(member string) bool {
		return members[member] || members[manifest.WholePackage]
	})
	if err != nil {
		return err
	}
	for _, e := range wanted {
		if err := s.place(e, filepath.Join(files, filepath.FromSlash(e.Member)), aside); err != nil {
			return err
		}
	}
	return nil
}

// changes are what becomes of a file that is not installed as it is unpacked.
var changes = map[manifest.Change]func(model []byte) ([]byte, error){
	manifest.DynamicShape:   dynamicShape,
	manifest.SpeakerEncoder: ge2e.Convert,
	manifest.SpeakerDivider: pyannet.Convert,
}

// place changes an unpacked thing as the manifest says, checks it and renames
// it into its place. What was there before is moved into aside, since a folder
// cannot be renamed over another.
func (s *Setup) place(e manifest.Entry, made, aside string) error {
	if change, ok := changes[e.Change]; ok {
		model, err := os.ReadFile(made)
		if err != nil {
			return err
		}
		if model, err = change(model); err != nil {
			return err
		}
		if err := os.WriteFile(made, model, 0o644); err != nil {
			return err
		}
	}
	if err := check(made, e.SHA256); err != nil {
		return err
	}
	target := s.path(e)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(target); err == nil && info.IsDir() {
		if err := os.Rename(target, filepath.Join(aside, "old-"+e.Name)); err != nil {
			return err
		}
	}
	return os.Rename(made, target)
}

// check compares a file or folder with its sha256.
func check(name, want string) error {
	sum, err := manifest.Sum(name)
	if err != nil {
		return err
	}
	if sum != want {
		return fmt.Errorf("%s has sha256 %s, and the manifest says %s", filepath.Base(name), sum, want)
	}
	return nil
}
