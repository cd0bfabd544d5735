package show

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
)

// Copied tells how far the copy of a film is.
func (p *Projector) Copied(film blob.Sum) shown.Copied {
	path := filepath.Join(p.o.Dir, string(film), copyName)
	p.mu.Lock()
	making := p.makings[path] != nil
	p.mu.Unlock()
	if making {
		return shown.CopyMaking
	}
	if _, err := os.Stat(path); err == nil {
		return shown.CopyWhole
	}
	return shown.CopyNone
}

// Changed is closed once a copy is begun, whole or gone that was not when it was called.
func (p *Projector) Changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}

// tell tells of a change of a thing of a kind; p.mu is held.
func (p *Projector) tell(k kind) {
	if k == whole {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// Room tells whether more may be made that nobody has asked for: half of what may be
// kept is left to what people look at.
func (p *Projector) Room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept < p.o.Bytes/2
}

// PrepareClip makes a clip that nobody has asked for yet, beside what others wait for
// and more quietly. Who prepares does so one after another.
func (p *Projector) PrepareClip(ctx context.Context, film blob.Sum, from, to time.Duration) error {
	name, err := clipName(from, to)
	if err != nil {
		return err
	}
	return p.prepare(ctx, film, name, job{Kind: clip, From: from, To: to, quiet: true})
}

// PrepareCopy makes a whole copy likewise.
func (p *Projector) PrepareCopy(ctx context.Context, film blob.Sum) error {
	return p.prepare(ctx, film, copyName, job{Kind: whole, quiet: true})
}

// prepare makes a thing where it is not there, and returns once it is.
func (p *Projector) prepare(ctx context.Context, film blob.Sum, name string, j job) error {
	if _, err := os.Stat(filepath.Join(p.o.Dir, string(film), name)); err == nil {
		return nil // nobody has used it now
	}
	g, err := p.whole(ctx, film, name, j)
	if err != nil {
		return err
	}
	return g.Close()
}
