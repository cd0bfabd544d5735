package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
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

func put(t *testing.T, s blob.Store, data string) blob.Sum {
	t.Helper()
	sum, n, err := s.Put(context.Background(), strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(len(data)) || sum != blob.Of([]byte(data)) {
		t.Fatalf("put %q: %d bytes as %s", data, n, sum)
	}
	return sum
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

func TestWhatIsPutIsThereOnce(t *testing.T) {
	ctx := context.Background()
	f, dir := folder(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { put(t, f, "a film") })
	}
	all.Wait()
	sum := put(t, f, "another")
	if got := files(t, dir); len(got) != 2 {
		t.Errorf("there are %v", got)
	}
	data, err := blob.Bytes(ctx, f, sum)
	if err != nil || string(data) != "another" {
		t.Errorf("read %q, %v", data, err)
	}
	if n, err := f.Size(ctx, sum); err != nil || n != 7 {
		t.Errorf("size %d, %v", n, err)
	}
	var listed []blob.Sum
	if err := f.Each(ctx, func(s blob.Sum, _ time.Time) error { listed = append(listed, s); return nil }); err != nil || len(listed) != 2 {
		t.Errorf("listed %v, %v", listed, err)
	}
	for range 2 {
		if err := f.Remove(ctx, sum); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Open(ctx, sum); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("after removal: %v", err)
	}
	if _, err := f.Checked(ctx, sum, ""); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("after removal: %v", err)
	}
	if _, err := f.Local(ctx, sum, ""); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("after removal: %v", err)
	}
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

func TestDamageIsSeen(t *testing.T) {
	ctx := context.Background()
	f, _ := folder(t)
	sum := put(t, f, "a film")
	for _, now := range []string{"a Film", "a fil", "a film!", ""} {
		if err := os.Remove(f.Path(sum)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Path(sum), []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := blob.Verify(ctx, f, sum); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%q passed for it: %v", now, err)
		}
		if _, err := blob.Bytes(ctx, f, sum); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%q was read for it: %v", now, err)
		}
	}
	put(t, f, "a film") // puts it right
	if err := blob.Verify(ctx, f, sum); err != nil {
		t.Error(err)
	}
}

func TestPartsCanBeRead(t *testing.T) {
	f, _ := folder(t)
	r, err := f.Open(context.Background(), put(t, f, "0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "456789" {
		t.Errorf("read %q, %v", data, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "0123456789" {
		t.Errorf("read %q, %v", data, err)
	}
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	f, dir := folder(t)
	broken := errors.New("the card was pulled out")
	if _, _, err := f.Put(context.Background(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := f.Put(ctx, strings.NewReader("whole")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left: %v", got)
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
