package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"dyade/annotate/blob"
	"dyade/workers/show"
)

// doShow is `dyade show`, which serve starts.
func doShow(ctx context.Context, t *terminal, _ []string) error {
	return show.Native(ctx, os.Stdin, t.out)
}

const shownFolder = "shown" // what browsers were shown, in the data folder

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
func (s *serving) projector(ctx context.Context) (*show.Projector, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	films := &borrowed{media: s.media, dir: filepath.Join(s.data, asideFolder, "films"), uses: map[blob.Sum]int{}}
	o := show.Options{
		Dir: filepath.Join(s.data, shownFolder), Command: []string{self, "show"}, Bytes: mostShown,
		Native: showAtOnce, Memory: showMemory, Linger: showLingers, Log: s.log,
		Local: films.local,
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
	return p, nil
}

// borrowed are the films of which something is shown, where they lie elsewhere: they
// are fetched, and stay for a while, since who looks at one comes again.
type borrowed struct {
	media media
	dir   string

	mu   sync.Mutex
	uses map[blob.Sum]int
}

// borrowTime is how long a film stays that nobody looks at.
const borrowTime = 10 * time.Minute

func (b *borrowed) local(ctx context.Context, sum blob.Sum) (string, func(), error) {
	if f, ok := b.media.(*blob.Folder); ok {
		path, err := f.Local(ctx, sum, "")
		return path, func() {}, err
	}
	b.mu.Lock()
	b.uses[sum]++
	b.mu.Unlock()
	back := sync.OnceFunc(func() { time.AfterFunc(borrowTime, func() { b.giveBack(sum) }) })
	path, err := b.media.Local(ctx, sum, filepath.Join(b.dir, string(sum)))
	if err != nil {
		back()
		return "", nil, err
	}
	return path, back, nil
}

func (b *borrowed) giveBack(sum blob.Sum) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.uses[sum]--; b.uses[sum] > 0 {
		return
	}
	delete(b.uses, sum)
	_ = os.RemoveAll(filepath.Join(b.dir, string(sum))) // else it goes at the next start
}
