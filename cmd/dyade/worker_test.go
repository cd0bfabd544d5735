package main

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"dyade/internal/testenv"
)

// TestAWorkerEndsWhereItIsOfNoUse: its token is wrong; its server is another dyade,
// or becomes one.
func TestAWorkerEndsWhereItIsOfNoUse(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	queue := redisVariable + "=" + (&url.URL{Scheme: "unix", Path: filepath.Join(s.data, "redis", "redis.sock")}).String()
	start := func(env string, args ...string) (log *record, ended <-chan struct{}) {
		cmd := exec.Command("dyade", append([]string{"worker", "--lang", "en"}, args...)...)
		cmd.Env = append(os.Environ(), queue, env)
		log = &record{}
		cmd.Stderr = log
		return log, testenv.Start(t, cmd)
	}
	ends := func(log *record, ended <-chan struct{}, why string) {
		t.Helper()
		s.until("the worker to end", long, func() bool {
			select {
			case <-ended:
				return true
			default:
				return false
			}
		})
		if !log.holds(why) {
			t.Errorf("it says:\n%s", log)
		}
	}
	log, ended := start(tokenVariable+"=wrong", "--server", s.url)
	ends(log, ended, "the token is missing or wrong")

	log, ended = start("", "--data", s.data)
	rooms := func() int {
		list, err := os.ReadDir(filepath.Join(s.data, workFolder))
		if err != nil {
			return 0
		}
		return len(list)
	}
	s.until("it to be at work", long, func() bool { return rooms() > 0 })
	if err := os.WriteFile(filepath.Join(s.data, realmFile), []byte("another-0123456789abcdef"), 0o600); err != nil {
		t.Fatal(err)
	}
	ends(log, ended, "not the same as the server’s")
	log, ended = start("", "--data", s.data)
	ends(log, ended, "not the same as the server’s")
	s.stop()
}
