package blob_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/annotate/blob"
)

func folder(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "media")
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// files lists what lies in a folder.
func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNobodyElseMayLook(t *testing.T) {
	f, dir := folder(t)
	path := f.Path(put(t, f, "a child"))
	for _, p := range []string{dir, filepath.Dir(path), path} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", p, info.Mode())
		}
	}
}

func TestSweepTakesWhatIsOld(t *testing.T) {
	ctx := context.Background()
	f, dir := folder(t)
	sum := put(t, f, "a film")
	left := filepath.Join(dir, "aside", "of a killed process")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Sweep(ctx, time.Now().Add(-time.Hour)); err != nil || len(files(t, dir)) != 2 {
		t.Errorf("%v are left, %v", files(t, dir), err)
	}
	if err := f.Sweep(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != f.Path(sum) {
		t.Errorf("left: %v", got)
	}
}

func FuzzParseSum(f *testing.F) {
	f.Add(string(blob.Of(nil)))
	f.Add("../../etc/passwd")
	f.Fuzz(func(t *testing.T, s string) {
		sum, err := blob.ParseSum(s)
		if err != nil {
			return
		}
		if string(sum) != s || len(s) != 64 || strings.ContainsAny(s, "/.\\") || !bytes.Equal([]byte(s), bytes.ToLower([]byte(s))) {
			t.Errorf("%q passed", s)
		}
	})
}
