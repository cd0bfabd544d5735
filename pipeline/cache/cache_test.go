package cache_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/pipeline/cache"
)

// overhead is what an entry takes beside its data.
const overhead = 46

func open(tb testing.TB, dir string, limit int64) *cache.Cache {
	tb.Helper()
	c, err := cache.Open(dir, limit)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

func put(tb testing.TB, s *cache.Shelf, name, data string) {
	tb.Helper()
	if err := s.Put(name, []byte(data)); err != nil {
		tb.Fatal(err)
	}
}

func has(s *cache.Shelf, name, want string) bool {
	data, ok := s.Get(name)
	return ok && string(data) == want
}

// folder is where a key's shelf lies, as docs/formats.md says.
func folder(dir, key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(dir, hex.EncodeToString(sum[:]))
}

func TestDir(t *testing.T) {
	for _, c := range []struct{ xdg, home, want string }{
		{"/x/cache", "/home/a", "/x/cache/dyade"},
		{"", "/home/a", "/home/a/.cache/dyade"},
		{"cache", "/home/a", "/home/a/.cache/dyade"},
		{"/x/cache", "", "/x/cache/dyade"},
		{"", "", ""},
		{"", "here", ""},
	} {
		t.Setenv("XDG_CACHE_HOME", c.xdg)
		t.Setenv("HOME", c.home)
		if got, err := cache.Dir(); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("XDG_CACHE_HOME=%q HOME=%q: %q, %v", c.xdg, c.home, got, err)
		}
	}
}

func TestKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	c := open(t, dir, 1<<20)
	s := c.Shelf("film")
	if _, ok := s.Get("one"); ok {
		t.Error("something in a new cache")
	}
	put(t, s, "one", "1")
	put(t, s, "one", "uno")
	put(t, s, "two", "")
	put(t, c.Shelf("other"), "one", "autre")
	again := open(t, dir, 1<<20).Shelf("film")
	if !has(again, "one", "uno") || !has(again, "two", "") || !has(s, "one", "uno") {
		t.Error("what was put is not there")
	}
	if _, ok := again.Get("three"); ok {
		t.Error("there is a third")
	}
}

func TestNilKeepsNothing(t *testing.T) {
	var c *cache.Cache
	s := c.Shelf("film")
	put(t, s, "one", "1")
	if data, ok := s.Get("one"); s != nil || ok || data != nil {
		t.Error(s, data, ok)
	}
	s.Close()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	s := open(t, t.TempDir(), 1<<20).Shelf("film")
	for name, ok := range map[string]bool{
		"chunk-12": true, "0.5–1 s": true, strings.Repeat("n", 100): true,
		"": false, ".": false, "..": false, ".hidden": false, "a/b": false, "/etc/passwd": false, "..\\a": false,
		"a\x00b": false, strings.Repeat("n", 101): false,
	} {
		err := s.Put(name, []byte("x"))
		if _, got := s.Get(name); (err == nil) != ok || got != ok {
			t.Errorf("%q: %v, %v", name, err, got)
		}
	}
}

// TestPrivate: nobody else may enter, whatever was there before.
func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dyade")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, open(t, dir, 1<<20).Shelf("film"), "one", "1")
	if _, err := os.Stat(filepath.Join(folder(dir, "film"), "one")); err != nil {
		t.Error(err)
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm() != map[bool]fs.FileMode{true: 0o700, false: 0o600}[e.IsDir()] {
			t.Errorf("%s is %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	tag, err := os.ReadFile(filepath.Join(dir, "CACHEDIR.TAG"))
	if !strings.HasPrefix(string(tag), "Signature: 8a477f597d28d172789f06886806bc55\n") || err != nil {
		t.Errorf("tagged %q, %v", tag, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := cache.Open(dir, 1); err == nil || !strings.Contains(err.Error(), "--no-cache") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// TestDamaged: what is torn, flipped or foreign is a miss, and removed.
func TestDamaged(t *testing.T) {
	const data = "results of a chunk"
	for name, damage := range map[string]func(file string, entry []byte) error{
		"emptied": func(file string, _ []byte) error { return os.Truncate(file, 0) },
		"torn":    func(file string, entry []byte) error { return os.Truncate(file, int64(len(entry)-1)) },
		"no data": func(file string, _ []byte) error { return os.Truncate(file, overhead) },
		"half":    func(file string, _ []byte) error { return os.Truncate(file, overhead/2) },
		"longer":  func(file string, entry []byte) error { return os.WriteFile(file, append(entry, 0), 0o600) },
		"flipped": func(file string, entry []byte) error {
			entry[len(entry)-1] ^= 1
			return os.WriteFile(file, entry, 0o600)
		},
		"other form": func(file string, entry []byte) error {
			entry[12]++
			return os.WriteFile(file, entry, 0o600)
		},
		"huge": func(file string, _ []byte) error { return os.Truncate(file, 1<<40) },
		"link": func(file string, entry []byte) error {
			whole := file + "-whole"
			return errors.Join(os.WriteFile(whole, entry, 0o600), os.Remove(file), os.Symlink(filepath.Base(whole), file))
		},
		"folder": func(file string, _ []byte) error { return errors.Join(os.Remove(file), os.MkdirAll(file+"/in", 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, 1<<20).Shelf("film")
			put(t, s, "one", data)
			file := filepath.Join(folder(dir, "film"), "one")
			entry, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(file, entry); err != nil {
				t.Fatal(err)
			}
			if got, ok := s.Get("one"); ok {
				t.Errorf("read as %q", got)
			}
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it is still there: %v", err)
			}
			put(t, s, "one", data)
			if !has(s, "one", data) {
				t.Error("it cannot be kept again")
			}
		})
	}
}

// age makes a shelf look as if last used so many hours ago.
func age(t *testing.T, dir, key string, hours int) {
	t.Helper()
	then := time.Now().Add(-time.Duration(hours) * time.Hour)
	if err := os.Chtimes(folder(dir, key), then, then); err != nil {
		t.Fatal(err)
	}
}

// TestBounded: what was used longest ago goes first, whole; what is in use stays.
func TestBounded(t *testing.T) {
	dir, data := t.TempDir(), strings.Repeat("x", 1000-overhead)
	c := open(t, dir, 10_000)
	for hours, key := range map[int]string{1: "new", 5: "held", 4: "oldest", 3: "touched", 2: "mid"} {
		s := c.Shelf(key)
		put(t, s, "one", data)
		put(t, s, "two", data)
		s.Close()
		age(t, dir, key, hours)
	}
	held := c.Shelf("held")
	c.Shelf("touched").Close()
	age(t, dir, "held", 5) // it is old, yet in use
	s := c.Shelf("next")
	for _, name := range []string{"a", "b", "c"} {
		put(t, s, name, data)
	}
	for key, kept := range map[string]bool{"new": true, "held": true, "oldest": false, "touched": true, "mid": false, "next": true} {
		if _, err := os.Stat(folder(dir, key)); (err == nil) != kept {
			t.Errorf("%s: %v", key, err)
		}
	}
	if !has(held, "one", data) || !has(held, "two", data) || !has(s, "a", data) {
		t.Error("a shelf in use lost something")
	}
}

func TestFull(t *testing.T) {
	dir, data := t.TempDir(), strings.Repeat("x", 1000-overhead)
	c := open(t, dir, 10_000)
	s, other := c.Shelf("film"), c.Shelf("other")
	put(t, other, "a", data)
	for _, name := range strings.Split("abcdefghi", "") {
		put(t, s, name, data)
	}
	for range 3 {
		if err := s.Put("j", []byte(data)); !errors.Is(err, cache.ErrFull) {
			t.Errorf("put beyond the limit: %v", err)
		}
	}
	if !has(s, "a", data) || !has(other, "a", data) {
		t.Error("something in use is gone")
	}
	other.Close()
	put(t, s, "j", data)
	if err := s.Put("k", bytes.Repeat([]byte("x"), 20_000)); !errors.Is(err, cache.ErrFull) {
		t.Errorf("more than all: %v", err)
	}
	if size, err := cache.Size(dir); size > 10_000+200 || err != nil { // the tag
		t.Errorf("%d bytes, %v", size, err)
	}
}

func TestClear(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	precious := filepath.Join(elsewhere, "film.mp4")
	if err := os.WriteFile(precious, []byte("irreplaceable"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir, 1<<20)
	s := c.Shelf("film")
	put(t, s, "one", "1")
	for link, to := range map[string]string{
		dir + "/folder": elsewhere, dir + "/file": precious, dir + "/up": "..", dir + "/gone": "nowhere",
		folder(dir, "film") + "/folder": elsewhere, folder(dir, "film") + "/two": precious, folder(dir, "planted"): elsewhere,
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Shelf("planted").Put("x", []byte("x")); err == nil {
		t.Error("an entry was put into a folder elsewhere")
	}
	if _, ok := c.Shelf("planted").Get("film.mp4"); ok {
		t.Error("a file elsewhere was read")
	}
	before, err := cache.Size(dir)
	if err != nil {
		t.Fatal(err)
	}
	freed, err := cache.Clear(dir)
	if err != nil || freed != before || freed < overhead+1 || freed > 500 {
		t.Errorf("freed %d of %d, %v", freed, before, err)
	}
	if left, err := os.ReadDir(dir); len(left) != 0 || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
	if data, err := os.ReadFile(precious); string(data) != "irreplaceable" || err != nil {
		t.Errorf("a file elsewhere is %q, %v", data, err)
	}
	put(t, s, "one", "1") // who was using it goes on
	if !has(s, "one", "1") {
		t.Error("nothing can be kept after clearing")
	}
}

// TestClearShelf: one shelf is emptied, whoever filled it, and no other; what it
// took is free again.
func TestClearShelf(t *testing.T) {
	dir, data := t.TempDir(), strings.Repeat("x", 1000-overhead)
	c := open(t, dir, 10_000)
	s, again, other := c.Shelf("film"), c.Shelf("film"), c.Shelf("other")
	put(t, other, "a", data)
	for _, name := range strings.Split("abcdefghi", "") {
		put(t, s, name, data)
	}
	if err := again.Clear(); err != nil {
		t.Error(err)
	}
	if _, ok := s.Get("a"); ok || !has(other, "a", data) {
		t.Error("the wrong shelf was emptied")
	}
	for _, name := range strings.Split("abcdefghi", "") {
		put(t, s, name, data)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 || err != nil {
		t.Errorf("left aside: %v, %v", left, err)
	}
	var none *cache.Shelf
	for _, empty := range []*cache.Shelf{c.Shelf("new"), none} {
		if err := empty.Clear(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	size, err := cache.Size(dir)
	freed, clearing := cache.Clear(dir)
	if size != 0 || err != nil || freed != 0 || clearing != nil {
		t.Error(size, err, freed, clearing)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Clear(file); err == nil {
		t.Error("a file was cleared as a cache")
	}
	if _, err := cache.Size(file); err == nil {
		t.Error("a file was measured as a cache")
	}
}

// FuzzEntry reads any bytes as an entry: what is taken for one is what Put would
// have written, and the rest is removed.
func FuzzEntry(f *testing.F) {
	dir := f.TempDir()
	s := open(f, dir, 1<<20).Shelf("film")
	file := filepath.Join(folder(dir, "film"), "one")
	for _, data := range []string{"", "results of a chunk"} {
		put(f, s, "one", data)
		entry, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(entry)
		f.Add(entry[:len(entry)-1])
	}
	f.Fuzz(func(t *testing.T, entry []byte) {
		if err := os.WriteFile(file, entry, 0o600); err != nil {
			t.Fatal(err)
		}
		data, ok := s.Get("one")
		if !ok {
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a damaged entry stays: %v", err)
			}
			return
		}
		put(t, s, "one", string(data))
		if again, err := os.ReadFile(file); !bytes.Equal(again, entry) || err != nil {
			t.Errorf("%q was read as %q, which is kept as %q (%v)", entry, data, again, err)
		}
	})
}
