package setup_test

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dyade/internal/setup"
	"dyade/models/manifest"
)

// member is one file of a made package.
type member struct{ name, text string }

// registry serves made packages and notes what was asked of it.
type registry struct {
	t       *testing.T
	members map[string][]member
	fetched []string
	fail    error
}

func (r *registry) fetch(_ context.Context, p manifest.Package, dir string) (string, error) {
	r.fetched = append(r.fetched, p.Name)
	if r.fail != nil {
		return "", r.fail
	}
	file := filepath.Join(dir, p.Name+".package")
	r.write(p, file)
	return file, nil
}

func (r *registry) write(p manifest.Package, file string) {
	r.t.Helper()
	f, err := os.Create(file)
	if err != nil {
		r.t.Fatal(err)
	}
	switch p.Registry {
	case manifest.PyPI:
		err = writeZip(f, r.members[p.Name])
	case manifest.Debian:
		err = writeDeb(r.t.TempDir(), f, r.members[p.Name])
	default:
		err = writeTar(f, r.members[p.Name])
	}
	if err := errors.Join(err, f.Close()); err != nil {
		r.t.Fatal(err)
	}
}

func writeZip(f *os.File, members []member) error {
	w := zip.NewWriter(f)
	for _, m := range members {
		part, err := w.Create(m.name)
		if err != nil {
			return err
		}
		if _, err := part.Write([]byte(m.text)); err != nil {
			return err
		}
	}
	return w.Close()
}

func writeTar(f *os.File, members []member) error {
	plain := gzip.NewWriter(f)
	w := tar.NewWriter(plain)
	for _, m := range members {
		head := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.text)), Typeflag: tar.TypeReg}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write([]byte(m.text)); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), plain.Close())
}

// writeDeb has dpkg-deb make the archive in a folder, the same each time.
func writeDeb(dir string, f *os.File, members []member) error {
	control := member{"DEBIAN/control", "Package: made\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.org>\nDescription: none\n"}
	for _, m := range append(members, control) {
		file := filepath.Join(dir, "tree", m.name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(m.text), 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command("dpkg-deb", "--root-owner-group", "--build", filepath.Join(dir, "tree"), filepath.Join(dir, "made.deb"))
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	made, err := os.ReadFile(filepath.Join(dir, "made.deb"))
	if err != nil {
		return err
	}
	_, err = f.Write(made)
	return err
}

// pack gives the manifest's words for a made package.
func (r *registry) pack(kind manifest.Registry, name string, members ...member) manifest.Package {
	r.t.Helper()
	r.members[name] = members
	p := manifest.Package{Registry: kind, Name: name, Version: "1"}
	file := filepath.Join(r.t.TempDir(), name)
	r.write(p, file)
	sum, err := manifest.Sum(file)
	if err != nil {
		r.t.Fatal(err)
	}
	p.SHA256 = sum
	return p
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// start makes a set-up of a wheel with two things, a tarball with one and a
// wheel that is installed whole.
func start(t *testing.T) (*setup.Setup, *registry) {
	t.Helper()
	r := &registry{t: t, members: map[string][]member{}}
	wheel := r.pack(manifest.PyPI, "wheel", member{"w/a.bin", "A"}, member{"w/b.bin", "B"}, member{"w/c.bin", "C"})
	ball := r.pack(manifest.NPM, "ball", member{"package/film", "F"}, member{"package/other", "O"})
	whole := r.pack(manifest.PyPI, "whole", member{"lib/one.py", "1"}, member{"lib/two.py", "2"})
	thing := func(p manifest.Package, use manifest.Use, in, file, sum string) manifest.Entry {
		return manifest.Entry{Name: filepath.Base(file), Package: p, Use: use, Member: in, File: file, SHA256: sum}
	}
	s := &setup.Setup{
		Root:  t.TempDir(),
		Out:   t.Output(),
		Fetch: r.fetch,
		Entries: []manifest.Entry{
			thing(wheel, manifest.Run, "w/a.bin", "a.bin", sumOf("A")),
			thing(ball, manifest.Sample, "package/film", "ball/film", sumOf("F")),
			thing(wheel, manifest.Run, "w/b.bin", "deep/b.bin", sumOf("B")),
			thing(whole, manifest.Tool, ".", "python", sumOf(
				sumOf("1")+"  lib/one.py\n"+sumOf("2")+"  lib/two.py\n")),
		},
	}
	return s, r
}

func runOK(t *testing.T, s *setup.Setup) {
	t.Helper()
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// tree lists what is under share, without the set-up's own notes.
func tree(t *testing.T, s *setup.Setup) map[string]string {
	t.Helper()
	share := filepath.Join(s.Root, "share")
	files := map[string]string{}
	err := filepath.WalkDir(share, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		rel, _ := filepath.Rel(share, p)
		if rel != ".lock" && rel != ".stamp" {
			files[rel] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func wantAll(t *testing.T, s *setup.Setup) {
	t.Helper()
	want := map[string]string{
		"dyade/a.bin": "A", "dyade/deep/b.bin": "B", "sample/ball/film": "F",
		"tools/python/lib/one.py": "1", "tools/python/lib/two.py": "2",
	}
	got := tree(t, s)
	if len(got) != len(want) {
		t.Errorf("installed %v", got)
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s holds %q", name, got[name])
		}
	}
}

func TestInstallsOnce(t *testing.T) {
	s, r := start(t)
	runOK(t, s)
	wantAll(t, s)
	if want := []string{"wheel", "ball", "whole"}; !slices.Equal(r.fetched, want) {
		t.Errorf("fetched %v", r.fetched)
	}
	r.fetched = nil
	runOK(t, s)
	if r.fetched != nil {
		t.Errorf("a second run fetched %v", r.fetched)
	}
}

func TestRepairsWhatIsSpoiled(t *testing.T) {
	for name, spoil := range map[string]struct {
		with func(share string) error
		from string
	}{
		"a file gone":   {func(d string) error { return os.Remove(d + "/dyade/deep/b.bin") }, "wheel"},
		"a file cut":    {func(d string) error { return os.Truncate(d+"/sample/ball/film", 0) }, "ball"},
		"a folder gone": {func(d string) error { return os.RemoveAll(d + "/tools") }, "whole"},
		"a file too many in a folder": {func(d string) error {
			return os.WriteFile(d+"/tools/python/lib/three.py", nil, 0o644)
		}, "whole"},
		"same size, other bytes": {func(d string) error {
			return os.WriteFile(d+"/dyade/a.bin", []byte("X"), 0o644)
		}, "wheel"},
	} {
		t.Run(name, func(t *testing.T) {
			s, r := start(t)
			runOK(t, s)
			share := filepath.Join(s.Root, "share")
			old := time.Now().Add(-time.Hour) // a clock's tick must not decide
			if err := os.Chtimes(filepath.Join(share, "dyade/a.bin"), old, old); err != nil {
				t.Fatal(err)
			}
			runOK(t, s)
			if err := spoil.with(share); err != nil {
				t.Fatal(err)
			}
			r.fetched = nil
			runOK(t, s)
			wantAll(t, s)
			if !slices.Equal(r.fetched, []string{spoil.from}) {
				t.Errorf("fetched %v, wanted %s", r.fetched, spoil.from)
			}
		})
	}
}

func TestGoesOnAfterAKill(t *testing.T) {
	s, r := start(t)
	// What a run leaves that is killed between two packages, in a download.
	left := filepath.Join(s.Root, "share", ".incoming-1", "download")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "half"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	whole := r.members["whole"]
	r.members["whole"] = nil
	if err := s.Run(t.Context()); err == nil {
		t.Fatal("a package that is not what the manifest says was installed")
	}
	r.members["whole"], r.fetched = whole, nil
	runOK(t, s)
	wantAll(t, s)
	if !slices.Equal(r.fetched, []string{"whole"}) {
		t.Errorf("fetched %v", r.fetched)
	}
}

func TestFailuresSayWhatRepairsThem(t *testing.T) {
	for name, spoil := range map[string]func(*setup.Setup, *registry){
		"the network is down":          func(_ *setup.Setup, r *registry) { r.fail = errors.New("no route") },
		"the package is another":       func(_ *setup.Setup, r *registry) { r.members["wheel"][2].text = "evil" },
		"the file is another":          func(s *setup.Setup, _ *registry) { s.Entries[0].SHA256 = sumOf("evil") },
		"the file is not there":        func(s *setup.Setup, _ *registry) { s.Entries[0].Member = "w/none" },
		"the file is no network":       func(s *setup.Setup, _ *registry) { s.Entries[0].Change = manifest.DynamicShape },
		"the folder cannot be written": func(s *setup.Setup, _ *registry) { s.Root = "/proc" },
	} {
		t.Run(name, func(t *testing.T) {
			s, r := start(t)
			spoil(s, r)
			err := s.Run(t.Context())
			var failure *setup.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("got %v", err)
			}
			if text := err.Error(); !strings.Contains(text, "run `make setup` again") || strings.Contains(text, "\n") {
				t.Errorf("not a sentence that says what to do: %s", text)
			}
			if _, err := os.Stat(filepath.Join(s.Root, "share/dyade/a.bin")); err == nil {
				t.Error("something was installed")
			}
		})
	}
}

func TestAFileOfADebianPackage(t *testing.T) {
	s, r := start(t)
	p := r.pack(manifest.Debian, "deb", member{"usr/share/made/sound", "S"}, member{"usr/share/made/other", "O"})
	s.Entries = []manifest.Entry{{
		Name: "sound", Package: p, Use: manifest.Sample, Member: "usr/share/made/sound", File: "made/sound", SHA256: sumOf("S"),
	}}
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, s); len(got) != 1 || got["sample/made/sound"] != "S" {
		t.Errorf("installed %v", got)
	}
	s.Entries[0].Member, s.Entries[0].File = "usr/share/made/none", "made/none"
	if err := s.Run(t.Context()); err == nil {
		t.Error("a file that is not in the package is installed")
	}
}

func TestMembersStayInside(t *testing.T) {
	for _, kind := range []manifest.Registry{manifest.PyPI, manifest.NPM} {
		t.Run(string(kind), func(t *testing.T) {
			s, r := start(t)
			p := r.pack(kind, "evil", member{"../../evil", "x"})
			s.Entries = []manifest.Entry{{Name: "evil", Package: p, Use: manifest.Run, Member: ".", File: "evil", SHA256: sumOf("")}}
			if err := s.Run(t.Context()); err == nil {
				t.Error("a path out of the archive was accepted")
			}
			if got := tree(t, s); len(got) != 0 {
				t.Errorf("installed %v", got)
			}
		})
	}
}

func TestMissingDebian(t *testing.T) {
	got, err := setup.MissingDebian(t.Context(), []setup.DebianPackage{
		{Name: "dpkg"},
		{Name: "dyade-test-none"},
		{Name: "dyade-test-command", Command: "sh"},
		{Name: "dyade-test-neither", Command: "dyade-test-none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"dyade-test-none", "dyade-test-neither"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDebianPackages(t *testing.T) {
	list := setup.DebianPackages()
	for _, want := range []setup.DebianPackage{{Name: "gcc"}, {Name: "ffmpeg"}, {Name: "npm", Command: "npm"}} {
		if !slices.Contains(list, want) {
			t.Errorf("%v is not in %v", want, list)
		}
	}
	for _, p := range list {
		if strings.ContainsAny(p.Name, "#= ") {
			t.Errorf("%q is no package's name", p.Name)
		}
	}
}
