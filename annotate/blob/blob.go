// Package blob keeps files by what they hold: each is found by its sha256, is
// there once however often it was put, and never changes.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Sum is the sha256 of a blob's content, 64 lower-case hexadecimal digits. It is
// made by Put, Of or ParseSum.
type Sum string

// ParseSum checks that s is a sum.
func ParseSum(s string) (Sum, error) {
	if len(s) != 2*sha256.Size {
		return "", fmt.Errorf("%q is no sha256: %d digits are wanted", s, 2*sha256.Size)
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "", fmt.Errorf("%q is no sha256: only digits and a to f are wanted", s)
		}
	}
	return Sum(s), nil
}

// Of is the sum of data.
func Of(data []byte) Sum {
	sum := sha256.Sum256(data)
	return Sum(hex.EncodeToString(sum[:]))
}

// OfFile is the sum of a file, however long.
func OfFile(ctx context.Context, path string) (Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the file to name it: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, reader(ctx, f)); err != nil {
		return "", fmt.Errorf("read the file to name it: %w", err)
	}
	return Sum(hex.EncodeToString(sum.Sum(nil))), nil
}

// Errors of a Store, wrapped.
var (
	ErrMissing = errors.New("it is not in the media store")
	ErrDamaged = errors.New("it is damaged: what is there is not what was put")
)

// Exchange is how processes hand blobs to each other. Its methods may be called
// from several goroutines and, on the same place, from several processes at once.
type Exchange interface {
	// Put keeps what r gives, whole or not at all, and names it.
	Put(ctx context.Context, r io.Reader) (Sum, int64, error)
	// Get reads a blob from its start. At its end, reading gives an error that wraps
	// ErrDamaged where it was not what was put.
	Get(ctx context.Context, sum Sum) (io.ReadCloser, error)
}

// Store keeps blobs; it may be used as an Exchange may.
type Store interface {
	Exchange
	// Open gives a blob as a file that one may look into anywhere; what is read is
	// checked as that of Get is, where it is read in one go.
	Open(ctx context.Context, sum Sum) (io.ReadSeekCloser, error)
	// Adopt takes a plain file in that nobody writes to any more, and removes it. Where
	// that fails, the file stays where it was.
	Adopt(ctx context.Context, path string) (Sum, int64, error)
	// Size of a blob in bytes.
	Size(ctx context.Context, sum Sum) (int64, error)
	// Remove forgets a blob; one that is not there is no error.
	Remove(ctx context.Context, sum Sum) error
	// Each calls f for every blob, with the time when it was last put, in no order,
	// until it returns an error.
	Each(ctx context.Context, f func(sum Sum, put time.Time) error) error
	// Sweep removes what was left unfinished before a time.
	Sweep(ctx context.Context, before time.Time) error
}

// Bytes reads a small blob whole, and checks it.
func Bytes(ctx context.Context, s Exchange, sum Sum) ([]byte, error) {
	r, err := s.Get(ctx, sum)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s from the media store: %w", sum, err)
	}
	return data, nil
}

// Verify reads a blob and tells by an error that wraps ErrDamaged whether it is
// what was put.
func Verify(ctx context.Context, s Exchange, sum Sum) error {
	r, err := s.Get(ctx, sum)
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, reader(ctx, r)); err != nil {
		return fmt.Errorf("check %s in the media store: %w", sum, err)
	}
	return nil
}

// reader ends with ctx's error where that is over.
func reader(ctx context.Context, r io.Reader) io.Reader { return &until{ctx, r} }

type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
