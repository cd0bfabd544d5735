package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Sum is the sha256 of a file; of a folder, that of the lines "SUM  PATH" that
// sha256sum writes for its files, folder by folder in lexical order, with
// slashes in PATH. Python's compiled files are left out: the interpreter writes
// them later.
func Sum(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return fileSum(name)
	}
	h := sha256.New()
	err = filepath.WalkDir(name, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "__pycache__" {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		s, err := fileSum(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(name, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s  %s\n", s, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("add up folder %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func fileSum(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
