package manifest_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dyade/models/manifest"
)

func TestEntriesOfTheProgram(t *testing.T) {
	entries := manifest.Entries()
	uses := map[manifest.Use]int{}
	for _, e := range entries {
		uses[e.Use]++
		if e.Use == manifest.Run && strings.HasSuffix(e.File, ".onnx") && e.Input == "" {
			t.Errorf("%s is a network and its input is not described", e.Name)
		}
	}
	for _, u := range []manifest.Use{manifest.Run, manifest.Sample, manifest.Tool} {
		if uses[u] == 0 {
			t.Errorf("nothing is there for use %q", u)
		}
	}
	entries[0].Name = "changed"
	if manifest.Entries()[0].Name == "changed" {
		t.Error("a caller can change the manifest")
	}
}

// valid is a manifest in which each test changes one thing.
const valid = `{"schema": "dyade.manifest/1", "packages": [{
	"registry": "pypi", "name": "some.pkg", "version": "1.2.3",
	"sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	"things": [
		{"name": "net", "use": "run", "member": "pkg/net.onnx", "change": "dynamic_shape", "file": "net.onnx",
		 "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		 "licence": "MIT", "for": "tests", "input": "float32"},
		{"name": "films", "use": "tool", "member": ".", "file": "films",
		 "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		 "licence": "MIT", "for": "tests"}]}]}`

func TestParse(t *testing.T) {
	entries, err := manifest.Parse(strings.NewReader(valid))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Package.Name != "some.pkg" || entries[1].Path() != "tools/films" {
		t.Errorf("got %+v", entries)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, swap := range map[string][2]string{
		"another schema":          {"dyade.manifest/1", "dyade.manifest/2"},
		"a field that is unknown": {`"licence": "MIT"`, `"license": "MIT"`},
		"an unknown registry":     {"pypi", "ftp"},
		"an option as a name":     {"some.pkg", "--index-url"},
		"an address as a name":    {"some.pkg", "https://example.org/x"},
		"a range of versions":     {"1.2.3", ">=1.2"},
		"a short sha256":          {"0123456789abcdef", "0123"},
		"an unknown use":          {`"use": "run"`, `"use": "play"`},
		"an unknown change":       {"dynamic_shape", "rotate"},
		"a member outside":        {"pkg/net.onnx", "../net.onnx"},
		"a file outside":          {`"file": "net.onnx"`, `"file": "/etc/net.onnx"`},
		"a file up and down":      {`"file": "net.onnx"`, `"file": "a/../net.onnx"`},
		"a name twice":            {`"name": "films"`, `"name": "net"`},
		"no licence":              {`"licence": "MIT"`, `"licence": ""`},
		"no JSON":                 {"{", ""},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(valid, swap[0], swap[1], 1)
			if changed == valid {
				t.Fatal("the test changes nothing")
			}
			if _, err := manifest.Parse(strings.NewReader(changed)); !errors.Is(err, manifest.ErrInvalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// FuzzManifest: whatever the bytes, no panic, and what is accepted stays inside
// its folder and cannot be taken for an option by a package client.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(`{"schema": "dyade.manifest/1"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := manifest.Parse(bytes.NewReader(text))
		if err != nil {
			if !errors.Is(err, manifest.ErrInvalid) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		for _, e := range entries {
			if !filepath.IsLocal(e.Path()) || strings.HasPrefix(e.Package.Name, "-") {
				t.Fatalf("accepted %+v", e)
			}
		}
	})
}

func TestSum(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(name string) string {
		t.Helper()
		s, err := manifest.Sum(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	write("d/a", "a")
	write("d/sub/b", "b")
	// printf a | sha256sum
	if got := sum("d/a"); got != "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" {
		t.Errorf("file: %s", got)
	}
	// cd d && sha256sum a sub/b | sha256sum
	before := sum("d")
	if before != "bd507daa5f9a97aaf3f1fdda66564ee4c4a6064cf8d0926e918b4e1affcd8209" {
		t.Errorf("folder: %s", before)
	}
	write("d/__pycache__/b.pyc", "compiled")
	if sum("d") != before {
		t.Error("Python's compiled files change the sum")
	}
	write("d/sub/b", "c")
	if sum("d") == before {
		t.Error("a changed file does not change the sum")
	}
	if _, err := manifest.Sum(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
}
