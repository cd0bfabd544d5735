package workers

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"dyade/internal/process"
)

// Server is a redis-server of dyade's own: on a socket in a folder, that only its
// owner can reach, and on no network.
type Server struct {
	Dir string // where its socket and its log of writes lie
	Log *slog.Logger

	mu  sync.Mutex
	cmd *exec.Cmd
}

// Socket is its address.
func (s *Server) Socket() string { return filepath.Join(s.Dir, "redis.sock") }

// mostSocket is how long the path of a socket may be on Linux.
const mostSocket = 107

// Run keeps the server running until ctx is over, and stops it then. It tells
// ready each time that the server answers. What the server held when it died by
// force is what its log has; where that cannot be read, it starts empty.
func (s *Server) Run(ctx context.Context, ready func()) error {
	if len(s.Socket()) > mostSocket {
		return fmt.Errorf("the path of %s is too long for a socket: choose a data folder nearer to /", s.Socket())
	}
	program, err := redisServer()
	if err != nil {
		return fmt.Errorf("start redis-server (install the package redis-server, or name one with --redis): %w", err)
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	for quick := 0; ctx.Err() == nil; {
		started := time.Now()
		why := s.once(ctx, program, ready)
		if ctx.Err() == nil {
			s.Log.Warn("redis-server ended; starting it again", "why", why)
		}
		if quick++; time.Since(started) > time.Minute {
			quick = 1
		}
		if quick == spoilt {
			// Work under way is not lost with it: the database knows what is to be done.
			s.Log.Warn("redis-server does not start with what it holds; starting it empty")
			if err := os.RemoveAll(filepath.Join(s.Dir, "appendonlydir")); err != nil {
				return fmt.Errorf("empty redis-server: %w", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(time.Duration(quick)*100*time.Millisecond, 5*time.Second)):
		}
	}
	return nil
}

// redisServer is the program: one that came with dyade and lies beside it, or the
// system's.
func redisServer() (string, error) {
	const name = "redis-server"
	if self, err := os.Executable(); err == nil {
		if own, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return own, nil
		}
	}
	return exec.LookPath(name)
}

// spoilt is how many quick ends in a row mean that the server cannot read what it
// wrote.
const spoilt = 5

// once runs the server until it ends or ctx is over.
func (s *Server) once(ctx context.Context, program string, ready func()) error {
	cmd := exec.Command(program, "--port", "0", "--unixsocket", s.Socket(), "--unixsocketperm", "700",
		"--dir", s.Dir, "--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes", "--save", "",
		"--daemonize", "no", "--maxmemory-policy", "noeviction", "--logfile", "")
	gone, err := process.StartGroup(cmd, syscall.SIGTERM)
	if err != nil {
		return err
	}
	s.set(cmd)
	defer s.set(nil)
	answered := make(chan bool, 1)
	actx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { answered <- s.answers(actx) }()
	for {
		select {
		case yes := <-answered:
			if yes {
				ready()
			}
		case <-gone:
			return fmt.Errorf("it ended: %s", cmd.ProcessState)
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGTERM)
			select {
			case <-gone:
			case <-time.After(stopTime):
				_ = cmd.Process.Kill()
				<-gone
			}
			return ctx.Err()
		}
	}
}

// stopTime is how long the server may take to write down what it holds.
const stopTime = 5 * time.Second

// answers waits until the server does.
func (s *Server) answers(ctx context.Context) bool {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket(), MaxRetries: -1})
	defer func() { _ = client.Close() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if client.Ping(ctx).Err() == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

func (s *Server) set(cmd *exec.Cmd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = cmd
}

// Pid of the running server; 0 where there is none.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}
