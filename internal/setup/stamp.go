package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The stamp notes, after everything was checked, what was wanted and what was
// there. Comparing sizes and times with it is quick, adding up all the files
// again is not.
func (s *Setup) stampFile() string { return filepath.Join(s.share(), ".stamp") }

func (s *Setup) stamped() bool {
	was, err := os.ReadFile(s.stampFile())
	if err != nil {
		return false
	}
	is, err := s.state()
	return err == nil && string(was) == is
}

func (s *Setup) stamp() error {
	is, err := s.state()
	if err != nil {
		return err
	}
	aside := s.stampFile() + ".new"
	if err := os.WriteFile(aside, []byte(is), 0o644); err != nil {
		return err
	}
	return os.Rename(aside, s.stampFile())
}

// state is a digest of what is wanted and of the names, sizes and times of
// what is installed.
func (s *Setup) state() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%+v\n", s.Debian, s.Entries)
	sums, err := os.ReadFile(filepath.Join(s.Root, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	fmt.Fprintf(h, "%x\n", sha256.Sum256(sums))
	for _, e := range s.Entries {
		if err := listFiles(h, s.path(e)); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)) + "\n", nil
}

func listFiles(w io.Writer, name string) error {
	return filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "__pycache__" {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%q %d %d\n", p, info.Size(), info.ModTime().UnixNano())
		return err
	})
}
