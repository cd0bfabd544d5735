package setup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"dyade/models/manifest"
)

// Fetch downloads the one file of a package into folder dir, which is empty,
// and gives its path.
type Fetch func(ctx context.Context, p manifest.Package, dir string) (string, error)

// python is the interpreter that Debian's python3-pip belongs to; another one
// in the path may have no pip.
const python = "/usr/bin/python3"

// FromRegistry downloads with the registry's ordinary client, as the machine's
// settings have it.
func FromRegistry(ctx context.Context, p manifest.Package, dir string) (string, error) {
	var err error
	switch p.Registry {
	case manifest.PyPI:
		err = run(ctx, dir, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
			"--no-deps", "--only-binary=:all:", "--python-version", "311", "--dest", dir, p.Name+"=="+p.Version)
	case manifest.NPM:
		err = run(ctx, dir, "npm", "pack", "--silent", "--ignore-scripts",
			"--pack-destination", dir, p.Name+"@"+p.Version)
	case manifest.Debian:
		err = downloadDebian(ctx, p, dir)
	default:
		err = fmt.Errorf("no client is known for registry %q", p.Registry)
	}
	if err != nil {
		return "", err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return "", fmt.Errorf("the client left %d files instead of one", len(files))
	}
	return filepath.Join(dir, files[0].Name()), nil
}

// downloadDebian has apt fetch an archive, and read first what there is where it does not
// know: an image's lists are often left out of it.
func downloadDebian(ctx context.Context, p manifest.Package, dir string) error {
	download := func() error { return run(ctx, dir, "apt-get", "-q", "download", p.Name+"="+p.Version) }
	if download() == nil {
		return nil
	}
	update := []string{"apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "update"}
	if os.Geteuid() != 0 {
		update = append([]string{"sudo"}, update...)
	}
	// Only the download decides: one stale source among many is no reason to stop.
	updated := run(ctx, dir, update[0], update[1:]...)
	err := download()
	if err != nil && updated != nil {
		return fmt.Errorf("%w; before that, %w", err, updated)
	}
	return err
}
