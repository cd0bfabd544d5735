package workers

import (
	"context"
	"errors"
	"time"

	"dyade/annotate/blob"
)

// keepTime is how long it may take to keep what is rendered, whatever is asked for then.
const keepTime = time.Minute

// KeepReel takes over the files of a rendered reel as that of its visit; false where it
// is no longer asked for. The end of ctx ends it only until the film is in the media
// store: after that it is kept, or removed again. The error wraps blob.ErrMissing where
// something else has removed it.
func (d *Desk) KeepReel(ctx context.Context, job, film, provenance string) (kept bool, err error) {
	sum, _, err := d.Media.Adopt(ctx, film)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	taken, former := []blob.Sum{sum}, []blob.Sum(nil)
	origin, _, err := d.Media.Adopt(ctx, provenance)
	if err == nil {
		taken = append(taken, origin)
		kept, former, err = d.keepReel(ctx, job, sum, origin)
	}
	if kept {
		return true, d.discard(ctx, former...)
	}
	return false, errors.Join(err, d.discard(ctx, taken...))
}

func (d *Desk) keepReel(ctx context.Context, job string, film, provenance blob.Sum) (bool, []blob.Sum, error) {
	d.media.Lock()
	defer d.media.Unlock()
	for _, sum := range []blob.Sum{film, provenance} {
		if _, err := d.Media.Size(ctx, sum); err != nil {
			return false, nil, err
		}
	}
	return d.Store.ReelRendered(ctx, job, film, provenance)
}
