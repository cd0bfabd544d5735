package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"dyade/annotate/blob"
)

// afar is a media store elsewhere; fetching one film twice at once spoils it.
type afar struct {
	media
	at      atomic.Int32
	spoilt  atomic.Bool
	fetched atomic.Int32
}

func (a *afar) Local(_ context.Context, sum blob.Sum, into string) (string, error) {
	if a.at.Add(1) > 1 {
		a.spoilt.Store(true)
	}
	defer a.at.Add(-1)
	path := filepath.Join(into, string(sum))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	a.fetched.Add(1)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, []byte("a film"), 0o600)
}

// TestAFilmFromAfarIsFetchedOnce, and goes when it is deleted.
func TestAFilmFromAfarIsFetchedOnce(t *testing.T) {
	store := &afar{}
	has := true
	b := &borrowed{
		media: store, has: func(context.Context, blob.Sum) (bool, error) { return has, nil }, dir: t.TempDir(), loans: map[blob.Sum]*loan{},
	}
	sum := blob.Of([]byte("a film"))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			path, back, err := b.local(t.Context(), sum)
			if err != nil {
				t.Error(err)
				return
			}
			defer back()
			if doc, err := os.ReadFile(path); err != nil || string(doc) != "a film" {
				t.Errorf("%q, %v", doc, err)
			}
		})
	}
	all.Wait()
	if store.spoilt.Load() || store.fetched.Load() != 1 {
		t.Errorf("fetched %d times, at once: %v", store.fetched.Load(), store.spoilt.Load())
	}
	l := b.lend(sum)
	if err := b.forget(sum); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	// Who comes then has one of its own, which who comes back late does not take away.
	path, _, err := b.local(t.Context(), sum)
	if err != nil {
		t.Fatal(err)
	}
	for range 9 {
		b.giveBack(sum, l)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	has = false
	if _, _, err := b.local(t.Context(), sum); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("a film that is deleted, and is still there: %v", err)
	}
}
