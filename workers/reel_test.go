package workers_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/workers"
)

// hasty is a media store that does something before it takes the second file in.
type hasty struct {
	*blob.Folder
	taken  int
	second func() error
}

func (h *hasty) Adopt(ctx context.Context, path string) (blob.Sum, int64, error) {
	if h.taken++; h.taken == 2 {
		if err := h.second(); err != nil {
			return "", 0, err
		}
	}
	return h.Folder.Adopt(ctx, path)
}

// keeping is a desk with a visit whose reel is asked for.
func keeping(t *testing.T) (d *workers.Desk, m *hasty, job string) {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	s, err := store.Open(ctx, filepath.Join(dir, "dyade.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	media, err := blob.OpenFolder(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.CreateVisit(ctx, "", "2026-11-22")
	if err == nil {
		err = s.AskReel(ctx, v.ID, []byte("{}"))
	}
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.NextReel(ctx)
	if err != nil || o == nil {
		t.Fatal(o, err)
	}
	m = &hasty{Folder: media, second: func() error { return nil }}
	return &workers.Desk{Store: s, Media: m, Log: slog.New(slog.DiscardHandler)}, m, o.Job
}

// rendered are the files of a reel.
func rendered(t *testing.T) (film, provenance string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"film", "provenance"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "film"), filepath.Join(dir, "provenance")
}

func left(t *testing.T, m *hasty) (n int) {
	t.Helper()
	err := m.Each(context.Background(), func(blob.Sum, time.Time) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAReelIsKeptOrGone: whatever happens at the end of a rendering, the media store
// has all of it, or nothing.
func TestAReelIsKeptOrGone(t *testing.T) {
	for name, c := range map[string]struct {
		second func(d *workers.Desk, job string, cancel func()) error
		kept   bool
		left   int
	}{
		"all goes well": {func(*workers.Desk, string, func()) error { return nil }, true, 2},
		"it was ended":  {func(_ *workers.Desk, _ string, cancel func()) error { cancel(); return nil }, true, 2},
		"it is no longer asked for": {func(d *workers.Desk, job string, cancel func()) error {
			cancel()
			return d.Store.ReelFailed(context.Background(), job, "x", 0)
		}, false, 0},
		"the second is not taken in": {func(*workers.Desk, string, func()) error { return errors.New("full") }, false, 0},
	} {
		d, m, job := keeping(t)
		ctx, cancel := context.WithCancel(t.Context())
		m.second = func() error { return c.second(d, job, cancel) }
		film, provenance := rendered(t)
		kept, _ := d.KeepReel(ctx, job, film, provenance)
		if n := left(t, m); kept != c.kept || n != c.left {
			t.Errorf("%s: kept %v, and %d files", name, kept, n)
		}
		cancel()
	}
}
