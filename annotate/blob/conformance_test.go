package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/sync/errgroup"

	"dyade/annotate/blob"
)

// subject is what hands blobs over, or keeps them, and where they end up.
type subject struct {
	blob.Exchange
	dir  string                // all that is kept is a file below it
	path func(blob.Sum) string // of a blob
	// spoil puts something else where a blob is.
	spoil func(t *testing.T, sum blob.Sum, now string)
}

// TestConformance: whatever hands blobs over does it alike, and so does whatever
// keeps them.
func TestConformance(t *testing.T) {
	for name, open := range map[string]func(*testing.T) subject{
		"folder": func(t *testing.T) subject {
			f, dir := folder(t)
			return subject{f, dir, f.Path, harm(f)}
		},
		"remote": func(t *testing.T) subject {
			f, dir := folder(t)
			return subject{remote(t, door(t, f)), dir, f.Path, harm(f)}
		},
		"S3": func(t *testing.T) subject { return bucket(t).subject() },
		"remote on S3": func(t *testing.T) subject {
			s := bucket(t)
			return subject{remote(t, door(t, s)), s.server.Dir, s.path, s.spoil}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for name, holds := range map[string]func(*testing.T, subject){
				"what is put comes back":             comesBack,
				"what is long is not held in memory": staysFlat,
				"what is missing":                    isMissing,
				"what is damaged":                    isDamaged,
				"what is closed ends":                ends,
				"what is broken off":                 isBrokenOff,
			} {
				t.Run(name, func(t *testing.T) { holds(t, s) })
			}
			if _, keeps := s.Exchange.(blob.Store); !keeps {
				return
			}
			for name, holds := range map[string]func(*testing.T, subject, blob.Store){
				"what is put is there once":      isThereOnce,
				"parts can be read":              canBeReadInParts,
				"what is removed":                isRemoved,
				"what is put again is new again": isRenewed,
				"each of many is told of":        isToldOf,
				"what is put can be adopted":     isAdopted,
			} {
				t.Run(name, func(t *testing.T) { s := open(t); holds(t, s, s.Exchange.(blob.Store)) })
			}
		})
	}
}

func put(t *testing.T, x blob.Exchange, data string) blob.Sum {
	t.Helper()
	sum, n, err := x.Put(context.Background(), strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(len(data)) || sum != blob.Of([]byte(data)) {
		t.Fatalf("put %d bytes: %d as %s", len(data), n, sum)
	}
	return sum
}

// noise is a film of so many bytes.
func noise(n int, seed uint64) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed)}).Read(data)
	return data
}

func comesBack(t *testing.T, s subject) {
	ctx := context.Background()
	var all sync.WaitGroup
	long := string(noise(20<<20, 1))
	for _, data := range []string{"", "a film", "a film", "a film", long, long, long} { // some at the same time
		all.Go(func() {
			sum, n, err := s.Put(ctx, strings.NewReader(data))
			if err != nil || n != int64(len(data)) || sum != blob.Of([]byte(data)) {
				t.Errorf("put %d bytes: %d as %s, %v", len(data), n, sum, err)
				return
			}
			if got, err := blob.Bytes(ctx, s, sum); err != nil || string(got) != data {
				t.Errorf("put %d bytes, read %d, %v", len(data), len(got), err)
			}
			if err := blob.Verify(ctx, s, sum); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func staysFlat(t *testing.T, s subject) {
	const size = 64 << 20
	film := io.LimitReader(rand.NewChaCha8([32]byte{2}), size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum, n, err := s.Put(context.Background(), film)
	if err != nil || n != size {
		t.Fatalf("put %d bytes, %v", n, err)
	}
	if err := blob.Verify(context.Background(), s, sum); err != nil {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > size/4 {
		t.Errorf("%d MB of memory were taken in all", used/1e6)
	}
}

func ends(t *testing.T, s subject) {
	r, err := s.Get(context.Background(), put(t, s, string(noise(20<<20, 9))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, r, 1<<20); err != nil {
		t.Error(err)
	}
	var closed sync.WaitGroup
	closed.Go(func() { r.Close() }) // while it is read
	_, _ = io.Copy(io.Discard, r)
	closed.Wait()
	if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("once closed it gives %d bytes, %v", n, err)
	}
}

func isMissing(t *testing.T, s subject) {
	ctx := context.Background()
	none := blob.Of([]byte("nobody put this"))
	_, got := s.Get(ctx, none)
	fails := map[string]error{"get": got, "verify": blob.Verify(ctx, s, none)}
	if l, ok := s.Exchange.(interface {
		Local(context.Context, blob.Sum, string) (string, error)
		Checked(context.Context, blob.Sum, string) (string, error)
	}); ok {
		_, fails["local"] = l.Local(ctx, none, t.TempDir())
		_, fails["checked"] = l.Checked(ctx, none, t.TempDir())
	}
	if k, ok := s.Exchange.(blob.Store); ok {
		_, fails["open"] = k.Open(ctx, none)
		_, fails["size"] = k.Size(ctx, none)
	}
	for what, err := range fails {
		if !errors.Is(err, blob.ErrMissing) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func isDamaged(t *testing.T, s subject) {
	ctx := context.Background()
	for _, now := range []string{"a Film of a child", "a film", "", "a film of a child!"} {
		sum := put(t, s, "a film of a child")
		s.spoil(t, sum, now)
		if err := blob.Verify(ctx, s, sum); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%q: verify: %v", now, err)
		}
		if _, err := blob.Bytes(ctx, s, sum); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%q: read: %v", now, err)
		}
	}
	if err := blob.Verify(ctx, s, put(t, s, "a film of a child")); err != nil { // that puts it right
		t.Error(err)
	}
}

// harm spoils what is in a folder.
func harm(f *blob.Folder) func(t *testing.T, sum blob.Sum, now string) {
	return func(t *testing.T, sum blob.Sum, now string) {
		t.Helper()
		if err := errors.Join(os.Remove(f.Path(sum)), os.WriteFile(f.Path(sum), []byte(now), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func isBrokenOff(t *testing.T, s subject) {
	before := len(files(t, s.dir))
	broken := errors.New("the card was pulled out")
	if _, _, err := s.Put(context.Background(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("put: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	half := io.MultiReader(bytes.NewReader(noise(4<<20, 3)), did(cancel), bytes.NewReader(noise(4<<20, 4)))
	if _, _, err := s.Put(ctx, half); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, _, err := s.Put(ctx, strings.NewReader("whole")); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if err := blob.Verify(ctx, s, put(t, s, "a film")); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v", err)
	}
	until(t, "what was broken off to be gone", func() bool { return len(files(t, s.dir)) <= before+1 }) // the other side may be at tidying up
}

// did is a reader of nothing that does something.
func did(something func()) io.Reader {
	return readerFunc(func([]byte) (int, error) { something(); return 0, io.EOF })
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for tick := time.Tick(time.Millisecond); !condition(); {
		select {
		case <-tick:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func listed(t *testing.T, s blob.Store) map[blob.Sum]time.Time {
	t.Helper()
	list := map[blob.Sum]time.Time{}
	err := s.Each(context.Background(), func(sum blob.Sum, put time.Time) error {
		if _, twice := list[sum]; twice {
			return fmt.Errorf("%s comes twice", sum)
		}
		list[sum] = put
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func isThereOnce(t *testing.T, s subject, store blob.Store) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { put(t, s, "a film") })
	}
	all.Wait()
	sum := put(t, s, "another")
	if got := listed(t, store); len(got) != 2 {
		t.Errorf("there are %v", got)
	}
	if n, err := store.Size(context.Background(), sum); err != nil || n != 7 {
		t.Errorf("size %d, %v", n, err)
	}
}

func canBeReadInParts(t *testing.T, s subject, store blob.Store) {
	film := noise(3<<20, 5)
	r, err := store.Open(context.Background(), put(t, s, string(film)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	size := int64(len(film))
	for _, c := range []struct {
		offset int64
		whence int
		at     int64
		n      int
	}{
		{0, io.SeekStart, 0, 10}, {0, io.SeekCurrent, 10, 10}, {1 << 20, io.SeekStart, 1 << 20, 1 << 20}, {-5, io.SeekCurrent, 2<<20 - 5, 100},
		{-7, io.SeekEnd, size - 7, 7}, {0, io.SeekEnd, size, 0}, {9, io.SeekEnd, size + 9, 0}, {0, io.SeekStart, 0, len(film)},
	} {
		at, err := r.Seek(c.offset, c.whence)
		if err != nil || at != c.at {
			t.Fatalf("seek %d, %d: at %d, %v", c.offset, c.whence, at, err)
		}
		got := make([]byte, c.n)
		if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, film[min(at, size):min(at, size)+int64(c.n)]) {
			t.Errorf("at %d: other bytes, %v", at, err)
		}
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("at its end: %d, %v", n, err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("one can look before its start")
	}
}

func isRemoved(t *testing.T, s subject, store blob.Store) {
	ctx := context.Background()
	sum := put(t, s, "a film")
	put(t, s, "a film")
	for range 2 {
		if err := store.Remove(ctx, sum); err != nil {
			t.Error(err)
		}
	}
	if _, err := store.Open(ctx, sum); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("after removal: %v", err)
	}
	if left := listed(t, store); len(left) > 0 {
		t.Errorf("after removal: %v", left)
	}
	put(t, s, "a film")
	if err := blob.Verify(ctx, s, sum); err != nil {
		t.Errorf("put after removal: %v", err)
	}
}

func isRenewed(t *testing.T, s subject, store blob.Store) {
	begun := time.Now().Add(-2 * time.Second) // some tell times in whole seconds
	sum, other := put(t, s, "a film"), put(t, s, "another")
	old := begun.Add(-2 * time.Hour)
	for _, sum := range []blob.Sum{sum, other} {
		if err := os.Chtimes(s.path(sum), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if at := listed(t, store)[sum]; at.After(begun) {
		t.Errorf("it was put at %v, says the store, not %v", at, old)
	}
	put(t, s, "a film")
	if err := store.Sweep(context.Background(), begun.Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if at := listed(t, store)[sum]; at.Before(begun) {
		t.Errorf("it was put at %v, says the store, not after %v", at, begun)
	}
	if at := listed(t, store)[other]; at.After(begun) {
		t.Errorf("the other was put at %v, says the store, not %v", at, old)
	}
}

func isToldOf(t *testing.T, s subject, store blob.Store) {
	const many = 1100
	var all errgroup.Group
	all.SetLimit(8)
	for i := range many {
		all.Go(func() error {
			_, _, err := s.Put(context.Background(), strings.NewReader(fmt.Sprint("film ", i)))
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1, 500, 999, 1000, many - 1} {
		put(t, s, fmt.Sprint("film ", i))
	}
	got := listed(t, store)
	if len(got) != many {
		t.Errorf("told of %d", len(got))
	}
	for i := range many {
		if _, ok := got[blob.Of([]byte(fmt.Sprint("film ", i)))]; !ok {
			t.Errorf("not told of film %d", i)
		}
	}
	enough := errors.New("enough")
	if err := store.Each(context.Background(), func(blob.Sum, time.Time) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("it goes on: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := store.Each(ctx, func(blob.Sum, time.Time) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("it goes on: %v", err)
	}
}

func isAdopted(t *testing.T, s subject, store blob.Store) {
	ctx := context.Background()
	a := store.(interface {
		Adopt(ctx context.Context, path string) (blob.Sum, int64, error)
	})
	film := noise(17<<20, 6)
	path := filepath.Join(t.TempDir(), "film.mp4")
	for range 2 {
		if err := os.WriteFile(path, film, 0o600); err != nil {
			t.Fatal(err)
		}
		sum, n, err := a.Adopt(ctx, path)
		if err != nil || n != int64(len(film)) || sum != blob.Of(film) {
			t.Fatalf("%d bytes as %s, %v", n, sum, err)
		}
		if err := blob.Verify(ctx, s, sum); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the file is still there: %v", err)
		}
	}
	if _, _, err := a.Adopt(ctx, t.TempDir()); err == nil {
		t.Error("it takes a folder for a film")
	}
	if err := os.WriteFile(path, film[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := a.Adopt(over, path); !errors.Is(err, context.Canceled) {
		t.Errorf("adopt: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it did not take the file, and that is gone: %v", err)
	}
}
