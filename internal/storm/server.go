package storm

import (
	"context"
	"errors"
	"fmt"
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

	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/process"
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
		s.mu.Lock()
		if s.stopped {
			s.mu.Unlock()
			return
		}
		gone, err := process.Start(cmd, syscall.SIGKILL)
		s.cmd = cmd
		s.mu.Unlock()
		if err == nil {
			unwatch := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
			<-gone
			unwatch()
		}
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
	if s.cmd.ProcessState.ExitCode() != 0 {
		return fmt.Errorf("the server ended with %s", s.cmd.ProcessState)
	}
	return nil
}

func (s *server) tail(say func(string, ...any)) {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	say("the end of the log:\n%s", strings.Join(s.journal.lines, "\n"))
}

// mostAnswer is how long the server may take to answer.
const mostAnswer = time.Minute

// ask speaks to whichever server runs now.
func (s *server) ask(ctx context.Context, what func(context.Context, *client.Client) error) error {
	c, err := client.Of(s.data)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mostAnswer)
	defer cancel()
	return what(ctx, c)
}

func (s *server) list(ctx context.Context) (all []web.Recording, err error) {
	err = s.ask(ctx, func(ctx context.Context, c *client.Client) (err error) {
		all, err = c.Recordings(ctx)
		return err
	})
	return all, err
}

func (s *server) submit(ctx context.Context, f film) error {
	return s.ask(ctx, func(ctx context.Context, c *client.Client) error {
		doc, err := os.Open(f.path)
		if err != nil {
			return err
		}
		defer doc.Close()
		_, err = c.Submit(ctx, f.name, store.Batch, doc)
		return err
	})
}

// held lists the attempts that workers are at, and whose they are.
func (s *server) held(ctx context.Context) map[string]int {
	all := map[string]int{}
	keys, err := s.redis.Keys(ctx, "dyade:*:lease:*").Result()
	if err != nil {
		return all // Redis is away
	}
	for _, k := range keys {
		pid, err := s.redis.Get(ctx, k).Result()
		if n, nerr := strconv.Atoi(pid); err == nil && nerr == nil {
			all[k[strings.LastIndexByte(k, ':')+1:]] = n
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
