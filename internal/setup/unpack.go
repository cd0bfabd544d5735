package setup

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"dyade/models/manifest"
)

// unpack writes the members of an archive that keep names into folder dir,
// under their own paths.
func unpack(ctx context.Context, registry manifest.Registry, archive, dir string, keep func(member string) bool) error {
	switch registry {
	case manifest.PyPI:
		return unzip(archive, dir, keep)
	case manifest.Debian:
		return undeb(ctx, archive, dir, keep)
	default:
		return gunzip(archive, dir, keep)
	}
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

func gunzip(archive, dir string, keep func(string) bool) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("open %s: %w", filepath.Base(archive), err)
	}
	if err := untar(plain, dir, keep); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(archive), err)
	}
	return nil
}

// undeb has dpkg-deb open the archive: how it is compressed is Debian's affair.
func undeb(ctx context.Context, archive, dir string, keep func(string) bool) error {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", archive)
	plain, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("open %s: %w", filepath.Base(archive), err)
	}
	err = untar(plain, dir, keep)
	if err == nil {
		_, err = io.Copy(io.Discard, plain) // what follows a tar's end
	}
	if err := errors.Join(err, plain.Close(), cmd.Wait()); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(archive), err)
	}
	return nil
}

func untar(plain io.Reader, dir string, keep func(string) bool) error {
	for r := tar.NewReader(plain); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(head.Name, "./")
		if head.Typeflag != tar.TypeReg || !keep(name) {
			continue
		}
		if err := writeMember(dir, name, r); err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
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
