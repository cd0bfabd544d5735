// Package usher has films made ready to be looked at once their analysis is done,
// before anybody asks: clips of the best moments first, then a copy of the whole.
package usher

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
)

// Projector makes what is shown.
type Projector interface {
	// PrepareClip and PrepareCopy make a thing where it is not there; an error wraps
	// shown.ErrBusy where it may be tried again later.
	PrepareClip(ctx context.Context, film blob.Sum, from, to time.Duration) error
	PrepareCopy(ctx context.Context, film blob.Sum) error
	// Room tells whether there is room for what nobody has asked for.
	Room() bool
}

// Usher makes films ready.
type Usher struct {
	Store     *store.Store
	Media     blob.Exchange
	Projector Projector
	Moments   string // name of the file of an analysis that lists them
	After     func(time.Duration) <-chan time.Time
	Log       *slog.Logger
}

// What is made ready.
const (
	mostClips = 8
	around    = 2 * time.Second // of a moment
	lately    = 7 * 24 * time.Hour
	pause     = 30 * time.Second // where it cannot be done now
)

// Run makes films ready until ctx is over: those that were analysed lately, the last
// one first, but for those that are one of many.
func (u *Usher) Run(ctx context.Context) {
	clips := make(chan struct{})
	go func() { defer close(clips); u.each(ctx, u.clips) }()
	u.each(ctx, func(ctx context.Context, r store.Recording) error { return u.Projector.PrepareCopy(ctx, r.Sum) })
	<-clips
}

// each makes something of each film, one after another.
func (u *Usher) each(ctx context.Context, ready func(context.Context, store.Recording) error) {
	done := map[string]bool{} // recordings; or it cannot be
	for ctx.Err() == nil {
		changed, wait := u.Store.Changed(), (<-chan time.Time)(nil)
		r, err := u.next(ctx, done)
		if err == nil && r != nil {
			err = ready(ctx, *r)
			if !errors.Is(err, shown.ErrBusy) && ctx.Err() == nil {
				done[r.ID] = true
				if err != nil {
					u.Log.Info("a film cannot be made ready", "recording", r.ID, "error", err)
				}
				continue
			}
		}
		if err != nil {
			changed, wait = nil, u.After(pause)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-wait:
		}
	}
}

// errRoom says that there is no room for what nobody has asked for.
var errRoom = errors.New("there is no room to make films ready")

// next is the film whose analysis was done last, of those that are not done; nil: there
// is none.
func (u *Usher) next(ctx context.Context, done map[string]bool) (*store.Recording, error) {
	all, err := u.Store.DoneSince(ctx, time.Now().Add(-lately))
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		switch {
		case r.Queue == store.Batch || done[r.ID]:
		case !u.Projector.Room():
			return nil, errRoom
		default:
			return &r, nil
		}
	}
	return nil, nil
}

// clips makes one of each of the best moments.
func (u *Usher) clips(ctx context.Context, r store.Recording) error {
	files, err := u.Store.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	doc, err := blob.Bytes(ctx, u.Media, files[u.Moments])
	if err != nil {
		return err
	}
	var a annotate.Analysis
	if err := json.Unmarshal(doc, &a); err != nil {
		return err
	}
	var first error
	for _, m := range a.Moments[:min(mostClips, len(a.Moments))] {
		from, to := Around(m)
		if to-from > shown.MostClip {
			continue
		}
		err := u.Projector.PrepareClip(ctx, r.Sum, from, to)
		if errors.Is(err, shown.ErrBusy) || ctx.Err() != nil {
			return err
		}
		first = cmp.Or(first, err)
	}
	return first
}

// Around is the part of a film that is made ready of a moment.
func Around(m annotate.Moment) (from, to time.Duration) {
	at := func(s float64) time.Duration { return time.Duration(s*1000+0.5) * time.Millisecond }
	return max(0, at(m.StartS)-around), at(m.EndS) + around
}
