package workers

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"dyade/annotate/blob"
)

// strayTime is how old a blob is that nobody needs and nobody will.
const strayTime = time.Hour

// tidy removes, once in a while, what killed processes left in the media store.
func (d *Desk) tidy(ctx context.Context) error {
	now := d.Now()
	if now.Sub(d.tidied) < strayTime && !now.Before(d.tidied) {
		return nil
	}
	err := d.Media.Each(ctx, func(sum blob.Sum, put time.Time) error {
		if now.Sub(put) < strayTime {
			return nil
		}
		return d.discard(ctx, sum)
	})
	if err == nil {
		err = d.Media.Sweep(ctx, now.Add(-strayTime))
	}
	if err == nil {
		d.tidied = now
	}
	return err
}

// tidyRedis removes from Redis what asynq keeps of tasks that are over, and what
// another edition had there of this data folder, but for what its workers are at.
func (d *Desk) tidyRedis(ctx context.Context) error {
	names, err := d.inspector.Queues() // those that have had a task
	if err != nil {
		return err
	}
	own := d.Realm.queues()
	for _, queue := range names {
		former, left := d.Realm.former(queue)
		switch {
		case own[queue] > 0:
			_, err = d.inspector.DeleteAllArchivedTasks(queue)
		case left:
			err = errors.Join(d.inspector.DeleteQueue(queue, true), d.Redis.Del(ctx, former.reports()).Err())
		}
		if err != nil && !errors.Is(err, asynq.ErrQueueNotEmpty) {
			return err
		}
	}
	return nil
}

// discard removes what nobody needs.
func (d *Desk) discard(ctx context.Context, sums ...blob.Sum) error {
	d.media.Lock()
	defer d.media.Unlock()
	if d.holds > 0 {
		d.unsaid = append(d.unsaid, sums...)
		return nil
	}
	var all error
	for _, sum := range sums {
		needed, err := d.Store.Needed(ctx, sum)
		if err == nil && !needed {
			err = d.Media.Remove(ctx, sum)
		}
		all = errors.Join(all, err)
	}
	return all
}

// Hold keeps everything in the media store until it is released.
func (d *Desk) Hold() (release func()) {
	d.media.Lock()
	defer d.media.Unlock()
	d.holds++
	return sync.OnceFunc(func() {
		d.media.Lock()
		var late []blob.Sum
		if d.holds--; d.holds == 0 {
			late, d.unsaid = d.unsaid, nil
		}
		d.media.Unlock()
		if err := d.discard(context.Background(), late...); err != nil {
			d.Log.Warn("cannot remove from the media store what nobody needs", "error", err)
		}
	})
}

// forgetDeleted takes what was deleted out of the logs in which the database and
// Redis write things down before all else. What hinders it passes: it is tried again
// at the next look.
func (d *Desk) forgetDeleted(ctx context.Context) {
	if !d.forget.Swap(false) {
		return
	}
	done, err := d.Store.Forget(ctx)
	if err == nil && d.Own {
		err = d.Redis.BgRewriteAOF(ctx).Err()
	}
	if !done || err != nil {
		d.forget.Store(true)
		d.Log.Debug("cannot forget what was deleted yet", "error", err)
	}
}
