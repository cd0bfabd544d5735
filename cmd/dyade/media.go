package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/internal/i18n"
	"dyade/workers"
)

// What a media store on S3 is asked with; all are secret that its owner takes for so.
const (
	endpointVariable = "DYADE_S3_ENDPOINT"
	regionVariable   = "AWS_REGION"
	keyVariable      = "AWS_ACCESS_KEY_ID"
	secretVariable   = "AWS_SECRET_ACCESS_KEY" //nolint:gosec // a name, no secret
	sessionVariable  = "AWS_SESSION_TOKEN"     //nolint:gosec // a name, no secret
)

// media is a media store, for servers and for workers.
type media interface {
	blob.Store
	workers.Media
}

// refusal is an error with a text for people.
type refusal struct {
	key    string
	args   []any
	detail error
}

func (r *refusal) Error() string {
	text := i18n.T(i18n.English, r.key, r.args...)
	if r.detail != nil {
		text += ": " + r.detail.Error()
	}
	return text
}

func (r *refusal) Unwrap() error { return r.detail }

// isMedia tells whether an address is that of a media store, or none at all.
func isMedia(address string) bool {
	_, _, err := blob.ParseS3(address)
	return address == "" || err == nil
}

// mediaAddress is where the films of a data folder lie; empty: in it.
func mediaAddress(dir string) (string, error) {
	doc, err := os.ReadFile(filepath.Join(dir, mediaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the media store: %w", err)
	}
	return strings.TrimSpace(string(doc)), nil
}

// mediaOf opens the media store of a data folder.
func mediaOf(dir string) (media, error) {
	address, err := mediaAddress(dir)
	if err != nil {
		return nil, err
	}
	if address == "" {
		return blob.OpenFolder(filepath.Join(dir, mediaFolder))
	}
	return onS3(address, filepath.Join(dir, mediaFolder))
}

// onS3 opens a media store by what the environment says. What is put waits in a
// folder.
func onS3(address, aside string) (*blob.S3, error) {
	o := blob.S3Options{
		Address: address, Endpoint: os.Getenv(endpointVariable), Region: os.Getenv(regionVariable),
		Key: os.Getenv(keyVariable), Secret: os.Getenv(secretVariable), Session: os.Getenv(sessionVariable), Dir: aside,
	}
	if o.Endpoint == "" || o.Key == "" || o.Secret == "" {
		return nil, &refusal{"media_environment", []any{address}, nil}
	}
	s, err := blob.NewS3(o)
	if err != nil {
		return nil, &refusal{"media_unusable", []any{address}, err}
	}
	return s, nil
}

// settleMedia opens the media store of a data folder that is claimed: the one that it
// remembers, or the one asked for where it has none yet.
func settleMedia(ctx context.Context, dir, asked string, realm workers.Realm) (media, error) {
	had, err := mediaAddress(dir)
	if err != nil {
		return nil, err
	}
	fresh := had == "" && asked != "" && !hasData(dir)
	if asked != "" && !fresh && strings.TrimRight(asked, "/") != had {
		if had == "" {
			had = filepath.Join(dir, mediaFolder)
		}
		return nil, &refusal{"media_other", []any{dir, had}, nil}
	}
	if !fresh {
		asked = had
	}
	if asked == "" {
		return blob.OpenFolder(filepath.Join(dir, mediaFolder))
	}
	s, err := onS3(strings.TrimRight(asked, "/"), filepath.Join(dir, mediaFolder))
	if err != nil {
		return nil, err
	}
	if err = s.Check(ctx); err == nil {
		err = s.Claim(ctx, realm.Instance(), fresh)
	}
	if err != nil && ctx.Err() == nil {
		err = &refusal{"media_unusable", []any{asked}, err}
	}
	if err == nil && fresh {
		err = remember(dir, asked)
	}
	return s, err
}

// remember writes down where the films of a data folder lie.
func remember(dir, address string) error {
	path := filepath.Join(dir, mediaFile)
	err := os.WriteFile(path+".new", []byte(strings.TrimRight(address, "/")+"\n"), 0o600)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = blob.SyncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("note where the films lie: %w", err)
	}
	return nil
}

// isTheirs makes sure that a media store is that of the server whose work a worker is
// to do, once that store answers: another lacks the films.
func isTheirs(s *blob.S3, address string, w *workers.Worker) func(context.Context) error {
	const pause = 500 * time.Millisecond
	return func(ctx context.Context) error {
		for told := false; ; told = true {
			err := s.Claim(ctx, w.Realm.Instance(), false)
			if err == nil {
				return nil
			}
			if ctx.Err() == nil && !errors.Is(err, blob.ErrAway) {
				return &refusal{"media_unusable", []any{address}, err}
			}
			if !told && ctx.Err() == nil {
				w.Log.Info("waiting for the media store", "error", err)
			}
			select {
			case <-ctx.Done():
				return nil // it was asked to stop, and did
			case <-time.After(pause):
			}
		}
	}
}

// forgetKeys keeps what opens a media store from what a worker starts, which reads
// files that anybody may have made.
func forgetKeys() error {
	return errors.Join(os.Unsetenv(keyVariable), os.Unsetenv(secretVariable), os.Unsetenv(sessionVariable))
}
