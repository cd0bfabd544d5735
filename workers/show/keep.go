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
	folder := filepath.Join(p.o.Dir, string(film))
	_, total, err := look(folder)
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err != nil {
		return fmt.Errorf("forget what was made of a film: %w", err)
	}
	p.mu.Lock()
	p.kept -= total
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

// look lists what is kept below a folder, and how many bytes that is.
func look(folder string) (all []kept, total int64, err error) {
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile, or not there
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
	return all, total, err
}

// bound removes what was used longest ago where there is more than may be kept: a tenth
// more than need be, so that not all is looked through each time that something is made.
func (p *Projector) bound() error {
	p.mu.Lock()
	counted := p.kept
	p.mu.Unlock()
	if counted <= p.o.Bytes {
		return nil
	}
	all, total, err := look(p.o.Dir)
	if err != nil {
		return fmt.Errorf("look through what browsers were shown: %w", err)
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.path, b.path)) })
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept += total - counted // others may have removed some
	if total <= p.o.Bytes {
		return nil
	}
	for i, k := range all {
		if last := i == len(all)-1; total <= p.o.Bytes*9/10 || last && total <= p.o.Bytes {
			break
		}
		total -= k.bytes
		err := os.Remove(k.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // who removed it has counted it
		}
		if err != nil {
			return fmt.Errorf("make room for what browsers are shown: %w", err)
		}
		if p.kept -= k.bytes; filepath.Base(k.path) == copyName {
			p.tell(whole)
		}
	}
	return nil
}
