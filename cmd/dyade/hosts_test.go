package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dyade/annotate/web/client"
	"dyade/internal/testenv"
	"dyade/workers"
)

// TestAWorkerOnAnotherHost: it shares nothing with the server but a network, and
// is cut off that in the midst of a step until it has seen so and its step has been
// given out again. Nobody holds that against the film or the worker, and nothing
// of the film stays there.
func TestAWorkerOnAnotherHost(t *testing.T) {
	if !testenv.OnStage() {
		testenv.Stage(t, "^TestAWorkerOnAnotherHost$", "")
		return
	}
	dir := t.TempDir()
	here, there := filepath.Join(dir, "here"), filepath.Join(dir, "there")
	if err := os.Mkdir(here, 0o700); err != nil {
		t.Fatal(err)
	}
	startRedis(t)
	film := cutFilm(t, here)
	s := startServe(t, filepath.Join(here, "data"), "--listen", net.JoinHostPort(testenv.StageAddress, "0"), "--workers", "0")
	host := testenv.NewHost(t, here)
	if seen, err := host.Command("ls", "-A", here).Output(); err != nil || len(seen) > 0 {
		t.Fatalf("the host sees %s, %v", seen, err)
	}
	w := startElsewhere(s, host, there)

	id := s.submit(film)
	s.until("some steps to be done", long, func() bool { return s.recording(id).StepsDone > 3 })
	s.until("the worker to be cut off at work", long, func() bool {
		host.Cut()
		if known(t, "lease") > 0 {
			return true
		}
		host.Mend() // between two steps
		return false
	})
	s.until("the step to be given out again", long, func() bool { return known(t, "void") > 0 })
	s.until("the worker to give up", long, func() bool { return w.log.holds("handing back") || w.log.holds("cannot report") })
	host.Mend()
	s.doneAsAnalyze(id, film)
	if s.log.holds("attempt failed") || s.recording(id).State != "done" {
		t.Error("the cut counts against the film")
	}
	s.until("nothing of the film to be on the host", long, func() bool { return len(filesIn(t, there)) == 0 })
	s.remove(id)
	if left := filesIn(t, filepath.Join(s.data, "media")); len(left) > 0 {
		t.Errorf("left in the media store: %v", left)
	}
	host.Cut() // it can end without anybody
	w.stop()
	s.stop()
	if left := host.Running(); len(left) > 0 {
		t.Errorf("left running on the host: %v", left)
	}
}

// startRedis starts one that this process and those that it starts know of.
func startRedis(t *testing.T) {
	t.Helper()
	const port, password = "6379", "word" // nobody else is on the stage
	testenv.Start(t, exec.Command("redis-server", "--bind", testenv.StageAddress, "--port", port, "--requirepass", password,
		"--save", "", "--appendonly", "no", "--dir", t.TempDir(), "--logfile", "log"))
	t.Setenv(redisVariable, "redis://:"+password+"@"+net.JoinHostPort(testenv.StageAddress, port))
}

// known counts the attempts about which Redis holds something.
func known(t *testing.T, what string) int {
	t.Helper()
	queue, err := workers.Dial(os.Getenv(redisVariable))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = queue.Close() }()
	keys, err := queue.Keys(context.Background(), "dyade:*:"+what+":*").Result()
	if err != nil {
		t.Fatal(err)
	}
	return len(keys)
}

// worker is a `dyade worker` on a host.
type worker struct {
	t    *testing.T
	cmd  *exec.Cmd
	gone <-chan struct{}
	log  record
}

func startElsewhere(s *served, host *testenv.Host, cache string) *worker {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	// What an administrator carries from one machine to the other.
	certificate := filepath.Join(cache+"-given", client.CertificateFile)
	doc, err := os.ReadFile(filepath.Join(s.data, client.CertificateFile))
	if err := errors.Join(err, os.Mkdir(filepath.Dir(certificate), 0o700), os.WriteFile(certificate, doc, 0o600)); err != nil {
		s.t.Fatal(err)
	}
	w := &worker{t: s.t, cmd: host.Command("dyade", "worker", "--server", s.url, "--certificate", certificate)}
	w.cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache, tokenVariable+"="+strings.TrimSpace(string(token)))
	w.cmd.Stderr = &w.log
	w.gone = testenv.Start(s.t, w.cmd)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("the server:\n%s\nthe worker:\n%s", &s.log, &w.log)
		}
	})
	return w
}

// stop asks the worker, which lives, to end.
func (w *worker) stop() {
	w.t.Helper()
	begun := time.Now()
	select {
	case <-w.gone:
		w.t.Errorf("the worker did not live on: %s", w.cmd.ProcessState)
	default:
		if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			w.t.Fatal(err)
		}
		<-w.gone
	}
	w.t.Logf("the worker stopped after %v", time.Since(begun).Round(time.Millisecond))
	if !w.cmd.ProcessState.Success() {
		w.t.Errorf("the worker ended with %s", w.cmd.ProcessState)
	}
}

// filesIn lists the files below a folder.
func filesIn(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list = append(list, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return filesIn(t, dir) // it was removed since the list was begun
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}
