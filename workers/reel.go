package workers

import (
	"context"

	"dyade/annotate/blob"
)

// KeepReel makes a rendered reel, which the media store has, that of its visit; false
// where it is no longer asked for. The error wraps blob.ErrMissing where it was removed
// since.
func (d *Desk) KeepReel(ctx context.Context, job string, film, provenance blob.Sum) (bool, error) {
	kept, unneeded, err := d.keepReel(ctx, job, film, provenance)
	if err != nil {
		return false, err
	}
	if !kept {
		unneeded = []blob.Sum{film, provenance}
	}
	return kept, d.discard(ctx, unneeded...)
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
