package testenv

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Films makes films with the ffmpeg program, each once, for all tests of a package.
type Films struct {
	// Recipes are ffmpeg's arguments for each name; @NAME stands for another of them.
	Recipes map[string]string
	// Texts are files that recipes take in, by their names.
	Texts map[string]string

	mu  sync.Mutex
	dir string
	own map[string]string // recipes that single tests add
}

// Film gives the path of one, made when first asked for.
func (f *Films) Film(tb testing.TB, name string) string {
	tb.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.film(tb, name)
}

// By makes one of a test's own recipe.
func (f *Films) By(tb testing.TB, name, recipe string) string {
	tb.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.own == nil {
		f.own = map[string]string{}
	}
	f.own[name] = recipe
	return f.film(tb, name)
}

func (f *Films) film(tb testing.TB, name string) string {
	tb.Helper()
	if err := f.open(); err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(f.dir, name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path
	}
	if text, ok := f.Texts[name]; ok {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
		return path
	}
	recipe, ok := f.Recipes[name]
	if !ok {
		recipe, ok = f.own[name]
	}
	if !ok {
		tb.Fatalf("no recipe for %s", name)
	}
	args := []string{"-v", "error", "-nostdin", "-y", "-threads", "1"}
	for _, a := range strings.Fields(recipe) {
		if other, is := strings.CutPrefix(a, "@"); is {
			a = f.film(tb, other)
		}
		args = append(args, a)
	}
	if out, err := exec.Command(Program(tb, "ffmpeg"), append(args, path)...).CombinedOutput(); err != nil {
		tb.Fatalf("making %s: %v\n%s", name, err, out)
	}
	return path
}

// open makes the folder, which outlives the test that asks first.
func (f *Films) open() (err error) {
	if f.dir == "" {
		f.dir, err = os.MkdirTemp("", "dyade-films")
	}
	return err
}

// Remove removes them, after all tests: a check of Main's.
func (f *Films) Remove() string {
	if err := os.RemoveAll(f.dir); err != nil {
		return err.Error()
	}
	return ""
}
