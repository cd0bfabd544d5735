package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/web"
	"dyade/workers/show"
	"dyade/workers/usher"
)

// doShow is `dyade show`, which serve starts.
func doShow(ctx context.Context, t *terminal, _ []string) error {
	return show.Native(ctx, os.Stdin, t.out)
}

// How what browsers are shown is made and kept.
const (
	mostShown   = 10 << 30 // bytes kept, or a part of the disk where that is less
	shownPart   = 10
	showAtOnce  = 2
	showMemory  = 2 << 30
	showLingers = 15 * time.Second // a player breaks off, and asks again elsewhere
)

// projector opens what makes browsers' films, and forgets those of recordings that
// are no more.
func (s *serving) projector(ctx context.Context) (*cinema, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	films := &borrowed{media: s.media, has: s.store.HasFilm, dir: filepath.Join(s.data, asideFolder, "films"), loans: map[blob.Sum]*loan{}}
	o := show.Options{
		Dir: filepath.Join(s.data, shownFolder), Command: []string{self, "show"}, Bytes: mostShown,
		Native: showAtOnce, Memory: showMemory, Linger: showLingers, Log: s.log,
		Local: films.local, Known: films.known,
	}
	var disk syscall.Statfs_t
	if syscall.Statfs(s.data, &disk) == nil {
		o.Bytes = min(o.Bytes, int64(disk.Blocks)*disk.Bsize/shownPart)
	}
	p, err := show.Open(o)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Recordings(ctx)
	kept := map[blob.Sum]bool{}
	for _, r := range all {
		kept[r.Sum] = true
	}
	if err == nil {
		err = p.Sweep(ctx, func(sum blob.Sum) bool { return kept[sum] })
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return &cinema{p, films}, nil
}

// usher has films made ready to be looked at.
func (s *serving) usher(c *cinema) *usher.Usher {
	return &usher.Usher{Store: s.store, Media: s.media, Projector: c, Moments: web.MomentsFile, After: time.After, Log: s.log}
}

// cinema shows films, and forgets those that are deleted.
type cinema struct {
	*show.Projector
	films *borrowed
}

// Forget removes what was made of a film, and the film where it is a copy.
func (c cinema) Forget(ctx context.Context, film blob.Sum) error {
	return errors.Join(c.Projector.Forget(ctx, film), c.films.forget(film))
}

// borrowed are the films of which something is shown, where they lie elsewhere: they
// are fetched, and stay for a while, since who looks at one comes again.
type borrowed struct {
	media media
	has   func(ctx context.Context, sum blob.Sum) (bool, error) // whether there is a recording of a film
	dir   string

	mu    sync.Mutex
	loans map[blob.Sum]*loan
}

// loan is one film.
type loan struct {
	fetch sync.Mutex // one at a time
	uses  int
}

// borrowTime is how long a film stays that nobody looks at.
const borrowTime = 10 * time.Minute

// known gives an error that wraps blob.ErrMissing where there is no recording of a film:
// while a backup is written, the media store keeps also those that are deleted.
func (b *borrowed) known(ctx context.Context, sum blob.Sum) error {
	has, err := b.has(ctx, sum)
	if err == nil && !has {
		err = fmt.Errorf("look for a film whose recording is deleted: %w", blob.ErrMissing)
	}
	return err
}

func (b *borrowed) local(ctx context.Context, sum blob.Sum) (string, func(), error) {
	if err := b.known(ctx, sum); err != nil {
		return "", nil, err
	}
	if f, ok := b.media.(*blob.Folder); ok {
		path, err := f.Local(ctx, sum, "")
		return path, func() {}, err
	}
	l := b.lend(sum)
	l.fetch.Lock()
	path, err := b.media.Local(ctx, sum, b.folder(sum))
	l.fetch.Unlock()
	if err != nil {
		b.giveBack(sum, l)
		return "", nil, err
	}
	return path, sync.OnceFunc(func() { time.AfterFunc(borrowTime, func() { b.giveBack(sum, l) }) }), nil
}

func (b *borrowed) folder(sum blob.Sum) string { return filepath.Join(b.dir, string(sum)) }

func (b *borrowed) lend(sum blob.Sum) *loan {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok := b.loans[sum]
	if !ok {
		l = &loan{}
		b.loans[sum] = l
	}
	l.uses++
	return l
}

func (b *borrowed) giveBack(sum blob.Sum, l *loan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.uses--; l.uses > 0 || b.loans[sum] != l {
		return
	}
	delete(b.loans, sum)
	_ = os.RemoveAll(b.folder(sum)) // else it goes at the next start
}

// forget removes a film that is deleted, whoever has it. Who fetches it now finds no
// place to put it.
func (b *borrowed) forget(sum blob.Sum) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.loans, sum)
	if err := os.RemoveAll(b.folder(sum)); err != nil {
		return fmt.Errorf("remove the copy of a deleted film: %w", err)
	}
	return nil
}
