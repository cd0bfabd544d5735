package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"dyade/annotate/web/client"
	"dyade/workers"
)

// What lies in the data folder, beside the files that package client names and those
// of the server's certificate.
const (
	databaseFile = "dyade.db"
	mediaFolder  = "media"
	redisFolder  = "redis"
	workFolder   = "work"
	asideFolder  = "aside"   // what is not whole yet
	uploadFolder = "uploads" // films that come
	lockFile     = "lock"
	realmFile    = "realm"       // whose work its workers are to do
	mediaFile    = "media-store" // where the films lie, where that is not mediaFolder
	shownFolder  = "shown"       // what browsers were shown
	openFile     = "open.html"   // leads a browser to the page, and holds the key
	labelFolder  = "label"       // of films that are being labelled
)

// chosen is the data folder, whole: what --data says, or else where all is kept
// where nothing is said.
func chosen(flag string) (string, error) {
	dir := flag
	if dir == "" {
		var err error
		if dir, err = dataFolder(); err != nil {
			return "", err
		}
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("open the data folder: %w", err)
	}
	return full, nil
}

func dataFolder() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "dyade"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("choose a data folder (name one with --data): %w", err)
	}
	return filepath.Join(home, ".local", "share", "dyade"), nil
}

// errInUse says that another dyade has the data folder open.
var errInUse = errors.New("another dyade serves this data folder")

// claim makes sure that nobody else serves this folder, until the process ends.
func (s *serving) claim() error {
	f, err := os.OpenFile(filepath.Join(s.data, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errInUse
		}
		return errors.Join(fmt.Errorf("lock the data folder: %w", err), f.Close())
	}
	s.lock = f
	// What one that was killed has left.
	if err := errors.Join(os.RemoveAll(filepath.Join(s.data, client.AddressFile)), os.RemoveAll(filepath.Join(s.data, asideFolder))); err != nil {
		return errors.Join(fmt.Errorf("open the data folder: %w", err), f.Close())
	}
	return nil
}

// tokenAt is the secret in a file, made where there is none.
func tokenAt(path string) (string, error) {
	doc, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		doc = []byte(rand.Text() + rand.Text() + "\n")
		err = os.WriteFile(path, doc, 0o600)
	}
	token := strings.TrimSpace(string(doc))
	switch {
	case err != nil:
		return "", fmt.Errorf("read the token: %w", err)
	case len(token) < 20:
		return "", fmt.Errorf("%s holds no token: remove it, and a new one is made", path)
	}
	return token, nil
}

// realmAt is the realm in a file, made where there is none, of this edition.
func realmAt(path string) (workers.Realm, error) {
	doc, err := os.ReadFile(path)
	had := workers.Realm(strings.TrimSpace(string(doc)))
	if errors.Is(err, fs.ErrNotExist) || err == nil && had.Instance() == "" {
		had, err = workers.Realm(strings.ToLower(rand.Text()[:12])), nil
	}
	var now workers.Realm
	if err == nil {
		now, err = workers.NewRealm(had.Instance())
	}
	if err == nil && now != had {
		err = errors.Join(os.WriteFile(path+".new", []byte(now+"\n"), 0o600), os.Rename(path+".new", path))
	}
	if err != nil {
		return "", fmt.Errorf("say whose work workers are to do: %w", err)
	}
	return now, nil
}
