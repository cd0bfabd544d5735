package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// fetcher brings blobs from elsewhere into folders of this machine.
type fetcher struct {
	begin func(ctx context.Context, sum Sum, at int64) (io.ReadCloser, error) // reading a blob from an offset
	pause time.Duration                                                       // before a transfer that broke off is gone on with
}

// Local fetches a blob into a folder, once; what breaks off is gone on with.
func (f *fetcher) Local(ctx context.Context, sum Sum, into string) (string, error) {
	path := filepath.Join(into, string(sum))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(into, 0o700); err != nil {
		return "", fmt.Errorf("fetch %s: %w", sum, err)
	}
	if err := f.fetch(ctx, sum, path+".part"); err != nil {
		return "", fmt.Errorf("fetch %s: %w", sum, err)
	}
	return path, os.Rename(path+".part", path)
}

// Checked is Local, which checks all that it fetches.
func (f *fetcher) Checked(ctx context.Context, sum Sum, into string) (string, error) {
	return f.Local(ctx, sum, into)
}

func (f *fetcher) fetch(ctx context.Context, sum Sum, path string) (err error) {
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	var from io.ReadCloser = f.lasting(ctx, sum)
	defer from.Close()
	all := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, all), from); err != nil {
		return err
	}
	if hex.EncodeToString(all.Sum(nil)) != string(sum) {
		return ErrDamaged
	}
	return nil
}

func (f *fetcher) lasting(ctx context.Context, sum Sum) *lasting {
	ctx, cancel := context.WithCancel(ctx)
	begin := func(at int64) (io.ReadCloser, error) { return f.begin(ctx, sum, at) }
	return &lasting{ctx: ctx, cancel: cancel, begin: begin, pause: f.pause}
}

// mostBreaks is how often in a row a transfer may break off and bring nothing.
const mostBreaks = 3

// lasting reads a blob; where that breaks off, it goes on from there. It may be closed
// while it is read.
type lasting struct {
	ctx    context.Context
	cancel context.CancelFunc
	begin  func(at int64) (io.ReadCloser, error)
	pause  time.Duration

	mu     sync.Mutex
	at     int64
	body   io.ReadCloser // nil: to be begun at that offset
	breaks int
}

func (l *lasting) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		n, err := l.more(p)
		if n > 0 {
			l.at += int64(n)
			l.breaks = 0
		}
		ended := l.body != nil && errors.Is(err, io.EOF) // an answer's lack may be EOF too
		if err == nil || ended || errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) {
			return n, err
		}
		l.drop()
		if n > 0 {
			return n, nil // what is wrong shows again, or not
		}
		if l.breaks++; l.breaks >= mostBreaks || errors.Is(err, ErrRefused) || l.ctx.Err() != nil {
			return 0, err
		}
		select {
		case <-l.ctx.Done():
		case <-time.After(l.pause):
		}
	}
}

func (l *lasting) more(p []byte) (n int, err error) {
	if l.body == nil {
		if l.body, err = l.begin(l.at); err != nil {
			l.body = nil
			return 0, err
		}
	}
	return l.body.Read(p)
}

func (l *lasting) drop() {
	if l.body != nil {
		l.body.Close()
	}
	l.body = nil
}

// turn goes to an offset.
func (l *lasting) turn(at int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
	l.at = at
}

// Close ends reading.
func (l *lasting) Close() error {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
	return nil
}
