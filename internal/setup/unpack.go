package setup

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dyade/models/manifest"
)

// unpack writes the members of an archive that keep names into folder dir,
// under their own paths.
func unpack(registry manifest.Registry, archive, dir string, keep func(member string) bool) error {
	if registry == manifest.PyPI {
		return unzip(archive, dir, keep)
	}
	return untar(archive, dir, keep)
}

func unzip(archive, dir string, keep func(string) bool) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("open %s: %w", filepath.Base(archive), err)
	}
	defer r.Close()
	for _, f := range r.File {
		if !f.Mode().IsRegular() || !keep(f.Name) {
			continue
		}
		if err := unzipOne(f, dir); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
	}
	return nil
}

func unzipOne(f *zip.File, dir string) error {
	src, err := f.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	return writeMember(dir, f.Name, src)
}

func untar(archive, dir string, keep func(string) bool) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("open %s: %w", filepath.Base(archive), err)
	}
	for r := tar.NewReader(plain); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", filepath.Base(archive), err)
		}
		if head.Typeflag != tar.TypeReg || !keep(head.Name) {
			continue
		}
		if err := writeMember(dir, head.Name, r); err != nil {
			return fmt.Errorf("unpack %s: %w", head.Name, err)
		}
	}
}

// writeMember refuses names that lead out of dir.
func writeMember(dir, name string, src io.Reader) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return errors.New("the path leads out of the archive")
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	dst, err := os.Create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src) // the package's sha256 is known: its size is no surprise
	return errors.Join(err, dst.Close())
}
