package main

import (
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/testenv"
)

// onS3Server starts an S3 server and tells those that this process starts of it.
func onS3Server(t *testing.T) *testenv.S3 {
	t.Helper()
	store := testenv.StartS3(t)
	t.Setenv(endpointVariable, store.Endpoint)
	t.Setenv(keyVariable, store.Key)
	t.Setenv(secretVariable, store.Secret)
	return store
}

// fails runs a command that must end with a sentence.
func fails(t *testing.T, says string, args ...string) {
	t.Helper()
	msg, err := exec.Command("dyade", append(args, "--lang", "en")...).CombinedOutput()
	if err == nil || !strings.Contains(string(msg), says) {
		t.Errorf("dyade %s: %v: %s", strings.Join(args, " "), err, msg)
	}
}

func succeeds(t *testing.T, args ...string) {
	t.Helper()
	if msg, err := exec.Command("dyade", append(args, "--lang", "en")...).CombinedOutput(); err != nil {
		t.Errorf("dyade %s: %v: %s", strings.Join(args, " "), err, msg)
	}
}

// TestFilmsOnS3: a worker elsewhere and one of the server's own take films from a
// bucket, in which nothing is left of one that is deleted. What is backed up can be
// restored into another.
func TestFilmsOnS3(t *testing.T) {
	store := onS3Server(t)
	const films = "s3://media/films"
	dir := t.TempDir()
	data, backup := filepath.Join(dir, "data"), filepath.Join(dir, "backup")
	film := cutFilm(t, dir)
	s := startServe(t, data, "--workers", "0", "--media", films)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server:\n%s", &s.log)
		}
	})
	log, away := startOnS3(t, s, films)
	id := s.submit(film)
	s.until("native code to be at work", long, func() bool { return unarmed(t, store) })
	s.doneAsAnalyze(id, film)
	if left := filesIn(t, filepath.Join(data, mediaFolder)); len(left) > 0 {
		t.Errorf("in the data folder: %v", left)
	}
	s.untold(store.Secret)
	if log.holds(store.Secret) {
		t.Errorf("the worker tells its secret: %s", log)
	}
	s.remove(id)
	if left := filesIn(t, filepath.Join(store.Dir, "films")); len(left) != 1 || filepath.Base(left[0]) != "owner" {
		t.Errorf("left in the bucket: %v", left)
	}
	away()
	s.stop()

	s = startServe(t, data, "--workers", "1") // it remembers where films are
	s.doneAsAnalyze(s.submit(film), film)
	s.untold(store.Secret)
	succeeds(t, "doctor", "--data", data)
	s.stop()
	succeeds(t, "backup", backup, "--data", data)
	succeeds(t, "doctor", "--data", data)

	fails(t, "is another data folder's", "restore", backup, "--data", filepath.Join(dir, "other"), "--media", films)
	other := filepath.Join(dir, "restored")
	succeeds(t, "restore", backup, "--data", other, "--media", "s3://media/restored")
	succeeds(t, "doctor", "--data", other)
	if had, has := len(filesIn(t, filepath.Join(store.Dir, "films"))), len(filesIn(t, filepath.Join(store.Dir, "restored"))); had != has {
		t.Errorf("%d files were restored of %d", has, had)
	}
	here := filepath.Join(dir, "here")
	succeeds(t, "restore", backup, "--data", here)
	succeeds(t, "doctor", "--data", here)
}

// startOnS3 starts a worker as one elsewhere is, and gives what it says and ends it.
func startOnS3(t *testing.T, s *served, films string) (log *record, end func()) {
	t.Helper()
	cache := t.TempDir()
	cmd := workerOnS3(t, s, films, cache)
	log = &record{}
	cmd.Stderr = log
	gone := testenv.Start(t, cmd)
	return log, func() {
		t.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		<-gone
		if left := filesIn(t, cache); len(left) > 0 {
			t.Errorf("the worker leaves %v", left)
		}
		if !cmd.ProcessState.Success() {
			t.Errorf("the worker ended with %s: %s", cmd.ProcessState, log)
		}
	}
}

// unarmed tells whether processes of native code run that know of the store, and makes
// sure that they have no keys to it.
func unarmed(t *testing.T, store *testenv.S3) (found bool) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range all {
		args, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // it may have ended
		env, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if !strings.HasSuffix(string(args), "\x00native\x00") || !strings.Contains(string(env), store.Endpoint) {
			continue
		}
		found = true
		if strings.Contains(string(env), store.Secret) {
			t.Errorf("%s is given the secret", dir)
		}
	}
	return found
}

// untold makes sure that a secret is in no log, and in no list of processes.
func (s *served) untold(secret string) {
	s.t.Helper()
	for _, line := range append(s.alive(), s.log.String()) {
		if strings.Contains(line, secret) {
			s.t.Errorf("the secret is told: %s", line)
		}
	}
}

// TestOneMediaStoreForAFolder: another than that with its films is refused, and so is
// one with another's.
func TestOneMediaStoreForAFolder(t *testing.T) {
	store := onS3Server(t)
	dir := t.TempDir()
	serve := func(data string, more ...string) []string {
		return append([]string{"serve", "--listen", "127.0.0.1:0", "--workers", "0", "--data", filepath.Join(dir, data)}, more...)
	}
	s := startServe(t, filepath.Join(dir, "a"), "--workers", "0", "--media", "s3://media/a/")
	for _, wrong := range []string{"s3://media/b", "s3://nowhere"} {
		if log, ended := wrongWorker(t, s, wrong); !ended() || !log.holds("cannot be used") {
			t.Errorf("%s: it says: %s", wrong, log)
		}
	}
	s.stop()
	fails(t, "are kept in s3://media/a:", serve("a", "--media", "s3://media/b")...)
	fails(t, "another data folder's", serve("b", "--media", "s3://media/a")...)
	fails(t, "make the bucket", serve("b", "--media", "s3://nowhere/a")...)
	fails(t, "dyade serve", serve("b", "--media", "/a/folder")...)
	s = startServe(t, filepath.Join(dir, "c"), "--workers", "0")
	s.stop()
	fails(t, "are kept in "+filepath.Join(dir, "c", "media"), serve("c", "--media", "s3://media/c")...)
	s = startServe(t, filepath.Join(dir, "a"), "--workers", "0", "--media", "s3://media/a")
	s.stop()

	if err := errors.Join(os.Rename(store.Dir, store.Dir+"-before"), os.Mkdir(store.Dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	fails(t, "nothing of this data folder lies there", serve("a")...)
	t.Setenv(secretVariable, "another")
	fails(t, "check the key and its secret", serve("a")...)
	fails(t, "check the key and its secret", "backup", filepath.Join(dir, "backup"), "--data", filepath.Join(dir, "a"))
	store.Kill()
	fails(t, "check that it runs", serve("a")...)
	t.Setenv(secretVariable, "")
	fails(t, "AWS_SECRET_ACCESS_KEY", serve("a")...)
}

// wrongWorker starts a worker that is to end by itself.
func wrongWorker(t *testing.T, s *served, films string) (log *record, ended func() bool) {
	t.Helper()
	cmd := workerOnS3(t, s, films, t.TempDir())
	log = &record{}
	cmd.Stderr = log
	gone := testenv.Start(t, cmd)
	return log, func() bool {
		s.until("the worker to end", long, func() bool {
			select {
			case <-gone:
				return true
			default:
				return false
			}
		})
		return !cmd.ProcessState.Success()
	}
}

// workerOnS3 takes films from a bucket, and sees nothing of the data folder but its
// Redis.
func workerOnS3(t *testing.T, s *served, films, cache string) (cmd *exec.Cmd) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("dyade", "worker", "--server", s.url, "--media", films, "--lang", "en")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache, tokenVariable+"="+strings.TrimSpace(string(token)),
		redisVariable+"="+(&url.URL{Scheme: "unix", Path: filepath.Join(s.data, redisFolder, "redis.sock")}).String())
	return cmd
}
