package inbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"dyade/annotate/store"
)

// How long, and how many, files are remembered that are gone.
const (
	remembered = 400 * 24 * time.Hour
	mostTraces = 200_000
)

// trace is what the store may know of a file. On a stick of the FAT file system times
// are local: they move by an hour twice a year, and inodes are given anew each time.
func (b *watch) trace(path string, s state) store.Trace {
	return store.Trace{
		Key:   b.hide("key", path, s.size, s.mtime%int64(time.Hour)),
		File:  b.hide("file", s.inode, s.size, s.mtime),
		Place: b.hide("place", path),
	}
}

func (b *watch) hide(parts ...any) string {
	h := hmac.New(sha256.New, b.Key)
	for _, p := range parts {
		fmt.Fprintf(h, "%v\x00", p) // no path holds this
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// tidy forgets, once a day, files that have been gone for long. Those that are there
// have just been looked for.
func (b *watch) tidy(ctx context.Context) {
	now := b.Clock.Now()
	if !b.tidied.IsZero() && now.Sub(b.tidied) < askEvery {
		return
	}
	b.tidied = now
	if err := b.Store.ForgetTraces(ctx, now.Add(-remembered), mostTraces); err != nil && ctx.Err() == nil {
		b.Log.Warn("cannot forget files that are gone", "error", err)
	}
}
