package storm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// server is a `dyade serve`, started again whenever it ends, as systemd would.
type server struct {
	o       Options
	data    string
	clock   string // file that says how far off the clock is
	journal journal
	logs    *os.File // what the processes write into
	redis   *redis.Client

	mu      sync.Mutex
	cmd     *exec.Cmd
	stopped bool
	ended   chan struct{}
	status  error // how it ended when it was asked to
	starts  int
}

func newServer(o Options) (*server, error) {
	aside, err := os.MkdirTemp("", "dyade-storm-*") // on a disk that does not get full
	if err != nil {
		return nil, err
	}
	s := &server{o: o, data: filepath.Join(o.Dir, "data"), clock: filepath.Join(aside, "clock"), ended: make(chan struct{})}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.logs = w
	go s.journal.read(r)
	logging.Disable() // Redis is being killed
	s.redis = redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(s.data, "redis", "redis.sock"), MaxRetries: -1})
	return s, os.WriteFile(s.clock, []byte("0s"), 0o600)
}

// run keeps it running until it was asked to stop, or ctx is over.
func (s *server) run(ctx context.Context) {
	defer close(s.ended)
	defer os.RemoveAll(filepath.Dir(s.clock))
	for ctx.Err() == nil {
		cmd := exec.Command(s.o.Program, "serve", "--data", s.data, "--listen", "127.0.0.1:0", "--workers", "2", "--lang", "en")
		cmd.Env = append(os.Environ(), "DYADE_STORM_CLOCK="+s.clock)
		cmd.Stderr = s.logs
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		s.mu.Lock()
		if s.stopped {
			s.mu.Unlock()
			return
		}
		err := cmd.Start()
		s.cmd, s.starts = cmd, s.starts+1
		s.mu.Unlock()
		if err == nil {
			unwatch := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
			err = cmd.Wait()
			unwatch()
		}
		s.mu.Lock()
		s.status = err
		s.mu.Unlock()
		wait(ctx, 500*time.Millisecond)
	}
}

func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// mostStop is how long the server may take to stop when it is asked to.
const mostStop = 10 * time.Second

// stop asks the server to end, which it must do in time and in order.
func (s *server) stop() error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	begun := time.Now()
	if err := syscall.Kill(s.pid(), syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case <-s.ended:
	case <-time.After(2 * mostStop):
		return errors.New("the server does not stop")
	}
	if took := time.Since(begun); took > mostStop {
		return fmt.Errorf("the server took %v to stop", took)
	}
	if s.status != nil {
		return fmt.Errorf("the server ended with %w", s.status)
	}
	return nil
}

func (s *server) tail(say func(string, ...any)) {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	say("the end of the log:\n%s", strings.Join(s.journal.lines, "\n"))
}

// ask makes a request of whichever server runs now.
func (s *server) ask(ctx context.Context, method, path string, body io.Reader, into any) error {
	address, err := os.ReadFile(filepath.Join(s.data, "address"))
	if err != nil {
		return err
	}
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSpace(string(address))+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	doc, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, doc)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = doc
		return nil
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(doc, into)
}

// told is a recording as the server tells of it.
type told struct {
	ID, Name, State, Failure string
	Changed                  time.Time
	Files                    []string
}

func (s *server) list(ctx context.Context) ([]told, error) {
	var all struct{ Recordings []told }
	err := s.ask(ctx, http.MethodGet, "/api/recordings", nil, &all)
	return all.Recordings, err
}

func (s *server) submit(ctx context.Context, f film) (told, error) {
	doc, err := os.ReadFile(f.path)
	if err != nil {
		return told{}, err
	}
	var t told
	err = s.ask(ctx, http.MethodPost, "/api/recordings?queue=batch&name="+url.QueryEscape(f.name), bytes.NewReader(doc), &t)
	return t, err
}

// held lists the attempts that workers are at, and whose they are.
func (s *server) held(ctx context.Context) map[string]int {
	const prefix = "dyade:{attempts}:lease:"
	all := map[string]int{}
	keys, err := s.redis.Keys(ctx, prefix+"*").Result()
	if err != nil {
		return all // Redis is away
	}
	for _, k := range keys {
		pid, err := s.redis.Get(ctx, k).Result()
		if n, nerr := strconv.Atoi(pid); err == nil && nerr == nil {
			all[strings.TrimPrefix(k, prefix)] = n
		}
	}
	return all
}

// jump makes the server's clock so far off.
func (s *server) jump(off time.Duration) error {
	aside := s.clock + ".new"
	if err := os.WriteFile(aside, []byte(off.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(aside, s.clock)
}
