package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// headBytes of a file tell whether it is a film.
const headBytes = 16 << 10

// The pauses after which a film is tried again that could not be taken in.
const (
	firstPause = 15 * time.Second
	mostPause  = time.Hour
)

// What becomes of files.
var (
	errChanging = errors.New("it is still changing")
	errGone     = errors.New("it is gone")
)

// look looks at a file that has been quiet for a while, and takes it in if it is a film
// and that was long enough.
func (b *watch) look(ctx context.Context, f *folder, path string, x *file) {
	err := b.open(f, path, x, func(in *os.File) error {
		wait, err := b.wait(in, path, x)
		switch quiet := b.Clock.Now().Sub(x.quiet); {
		case err != nil || x.passed:
			return err
		case quiet < wait:
			x.due = b.Clock.Now().Add(min(b.Pace.Settle, wait-quiet))
			return nil
		}
		return b.take(ctx, f, path, x, in)
	})
	switch {
	case err == nil:
	case errors.Is(err, errGone):
		delete(f.files, path) // scan finds it again, where it is there again
	case errors.Is(err, errChanging):
		x.quiet = b.Clock.Now()
		x.due = x.quiet.Add(b.Pace.Settle)
	case ctx.Err() == nil:
		b.complain(f, err)
		x.due = b.Clock.Now().Add(min(mostPause, firstPause<<min(x.tries, 10)))
		x.tries++
	}
}

// open gives do a file that is what it was seen to be: one that has changed is quiet
// from now on, and has not been so for long.
func (b *watch) open(f *folder, path string, x *file, do func(*os.File) error) error {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return errGone
	}
	defer root.Close()
	info, err := root.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return errGone
	}
	if err != nil {
		return err
	}
	if stateOf(info) != x.state {
		*x = *b.changed(stateOf(info))
		return nil
	}
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	in, err := root.OpenFile(path, flags|syscall.O_NOATIME, 0)
	if errors.Is(err, syscall.EPERM) { // it is another's, who may see that it was read
		in, err = root.OpenFile(path, flags, 0)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	if info, err = in.Stat(); err != nil {
		return err
	}
	if !info.Mode().IsRegular() || stateOf(info) != x.state {
		return errChanging
	}
	return do(in)
}

// wait is for how long a file must have been quiet. It finds out what is no film.
func (b *watch) wait(in *os.File, path string, x *file) (time.Duration, error) {
	if x.size == 0 {
		x.due = time.Time{} // when something is in it, it has changed
		x.passed = true
		return 0, nil
	}
	head := make([]byte, min(headBytes, x.size))
	if _, err := in.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if !b.Film(filepath.Base(path), head) {
		x.due, x.passed = time.Time{}, true
		return 0, nil
	}
	shape, err := shapeOf(in, x.size)
	if err != nil {
		return 0, err
	}
	switch w := writersOf(in); {
	case shape == cut, w == somebody:
		return b.Pace.Patience, nil
	case shape == whole, w == nobody:
		return b.Pace.Settle, nil
	}
	return b.Pace.Unsure, nil
}

// take takes a film in.
func (b *watch) take(ctx context.Context, f *folder, path string, x *file, in *os.File) error {
	t := b.trace(path, x.state)
	known, err := b.Store.Remembered(ctx, t) // since it was met, under another name
	if err == nil && known[0] {
		x.due, x.asked = time.Time{}, b.Clock.Now()
		return nil
	}
	if err != nil {
		return err
	}
	if b.Room != nil && !b.Room(x.size) {
		return syscall.ENOSPC
	}
	former, err := b.Store.MadeAt(ctx, t.Place)
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return err
	}
	begin := &beginning{left: former.SizeBytes, sum: sha256.New()}
	film := store.Submission{Name: harmless(filepath.Base(path)), Queue: store.Default}
	film.Sum, film.SizeBytes, err = b.Media.Put(ctx, io.TeeReader(io.LimitReader(in, x.size+1), begin))
	if err != nil {
		return err
	}
	if info, err := in.Stat(); err != nil || stateOf(info) != x.state || film.SizeBytes != x.size {
		return errors.Join(err, errChanging) // nobody needs what was put: the desk removes it
	}
	// What is in is remembered, whoever wants to stop now.
	id, err := b.submit(context.WithoutCancel(ctx), t, film, former, begin.is(former.Sum))
	if err != nil {
		return err
	}
	x.due, x.asked, x.tries = time.Time{}, b.Clock.Now(), 0
	clear(b.said)
	b.Log.Info("a film was taken in", "folder", f.number, "recording", id)
	return nil
}

// submit has a film analysed that the media store has, and remembers it. Where a file
// has grown since a recording was made of its beginning, that recording is replaced.
func (b *watch) submit(ctx context.Context, t store.Trace, film store.Submission, former store.Recording, grown bool) (string, error) {
	had, err := b.Store.Needed(ctx, film.Sum)
	if err != nil {
		return "", err
	}
	id, err := b.Engine.Submit(ctx, film)
	if err != nil {
		return "", err
	}
	if grown && former.ID != id {
		if err := b.replace(ctx, former.ID); err != nil {
			b.Log.Warn("a recording is of a film that was not whole, and could not be removed", "recording", former.ID, "error", err)
		}
	}
	made := id
	if had {
		made = "" // it is not ours to replace, or known as that already
	}
	return id, b.Store.Remember(ctx, t, made)
}

// replace removes the recording of half a film, unless a person has done something
// with it.
func (b *watch) replace(ctx context.Context, id string) error {
	touched, err := b.Store.Touched(ctx, id)
	if err == nil && !touched {
		err = b.Engine.Delete(ctx, id)
	}
	if err == nil || errors.Is(err, store.ErrMissing) {
		return nil
	}
	return err
}

// beginning sums the first bytes that are written to it.
type beginning struct {
	left int64
	sum  hash.Hash
}

func (b *beginning) Write(p []byte) (int, error) {
	n := min(b.left, int64(len(p)))
	b.left -= n
	b.sum.Write(p[:n])
	return len(p), nil
}

// is tells whether all came, and has the sum.
func (b *beginning) is(sum blob.Sum) bool {
	return b.left == 0 && hex.EncodeToString(b.sum.Sum(nil)) == string(sum)
}

// complain says why a film cannot be taken in, the same reason once until another film
// is.
func (b *watch) complain(f *folder, err error) {
	why := bare(err)
	if b.said[why] {
		return
	}
	b.said[why] = true
	b.Log.Warn("a film in a watched folder is not taken in: it is tried again", "folder", f.number, "error", why)
}

// bare is an error without the names of files, which logs are not to hold.
func bare(err error) string {
	var path *fs.PathError
	var link *os.LinkError
	var no syscall.Errno
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk is full"
	case errors.As(err, &path):
		return fmt.Sprintf("%s: %v", path.Op, path.Err)
	case errors.As(err, &link):
		return fmt.Sprintf("%s: %v", link.Op, link.Err)
	case errors.As(err, &no):
		return no.Error()
	}
	return err.Error()
}
