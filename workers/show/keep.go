package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dyade/annotate/blob"
)

// errForgotten ends what is made of a film that is to be forgotten.
var errForgotten = errors.New("its film was deleted")

// Forget removes all that was made of a film. What is being made of it ends first.
func (p *Projector) Forget(ctx context.Context, film blob.Sum) error {
	if _, err := blob.ParseSum(string(film)); err != nil {
		return err
	}
	p.mu.Lock()
	var ending []*making
	for _, m := range p.makings {
		if m.sum == film {
			m.cancel(errForgotten)
			ending = append(ending, m)
		}
	}
	p.mu.Unlock()
	for _, m := range ending {
		select {
		case <-m.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := os.RemoveAll(filepath.Join(p.o.Dir, string(film))); err != nil {
		return fmt.Errorf("forget what was made of a film: %w", err)
	}
	p.mu.Lock()
	p.tell(whole)
	p.mu.Unlock()
	return nil
}

// Sweep forgets the films that are not to be kept.
func (p *Projector) Sweep(ctx context.Context, keep func(blob.Sum) bool) error {
	folders, err := os.ReadDir(p.o.Dir)
	if err != nil {
		return fmt.Errorf("sweep what browsers were shown: %w", err)
	}
	for _, f := range folders {
		if sum, err := blob.ParseSum(f.Name()); err == nil && !keep(sum) {
			if err := p.Forget(ctx, sum); err != nil {
				return err
			}
		}
	}
	return nil
}

// kept is a file that was made.
type kept struct {
	path  string
	bytes int64
	used  time.Time
}

// bound removes what was used longest ago, until the rest fits.
func (p *Projector) bound() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []kept
	total := int64(0)
	err := filepath.WalkDir(p.o.Dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		case e.IsDir() && e.Name() == asideFolder:
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		if info, err := e.Info(); err == nil {
			all = append(all, kept{path, info.Size(), info.ModTime()})
			total += info.Size()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look through what browsers were shown: %w", err)
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	for _, k := range all {
		if total <= p.o.Bytes {
			break
		}
		if err := os.Remove(k.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room for what browsers are shown: %w", err)
		}
		if filepath.Base(k.path) == copyName {
			p.tell(whole)
		}
		total -= k.bytes
	}
	p.kept = total
	return nil
}
