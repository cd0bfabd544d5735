// Command scale has one recording analysed by one worker, then by two and so on,
// each of one thread, and prints what that took: docs/scaling.md has its figures.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

func main() {
	program := flag.String("program", "bin/dyade", "dyade")
	most := flag.Int("workers", 2, "up to so many workers")
	rounds := flag.Int("rounds", 1, "of which the shortest counts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := compare(ctx, *program, flag.Arg(0), *most, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compare(ctx context.Context, program, film string, most, rounds int) error {
	fmt.Fprintln(os.Stdout, "| workers | seconds | to one | steps | commands of Redis | its bytes in and out |\n|---|---|---|---|---|---|")
	var one time.Duration
	for n := 1; n <= most; n++ {
		var best result
		for range rounds {
			r, err := run(ctx, program, film, n)
			if err != nil {
				return fmt.Errorf("%d workers: %w", n, err)
			}
			if best.took == 0 || r.took < best.took {
				best = r
			}
		}
		if n == 1 {
			one = best.took
		}
		fmt.Fprintf(os.Stdout, "| %d | %.1f | %.3f | %d | %d | %.2f MB |\n", n, best.took.Seconds(), best.took.Seconds()/one.Seconds(),
			best.steps, best.commands, float64(best.bytes)/1e6)
	}
	return nil
}

// result is what one analysis took, from when the film was in.
type result struct {
	took            time.Duration
	steps           int
	commands, bytes int64 // of Redis
}

func run(ctx context.Context, program, film string, workers int) (r result, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(film), ".scale-*") // beside the film: it has room
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, program, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--workers", fmt.Sprint(workers))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return r, err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	s := &server{dir: dir}
	if err := s.await(ctx); err != nil {
		return r, err
	}
	f, err := os.Open(film)
	if err != nil {
		return r, err
	}
	defer f.Close()
	var told struct {
		ID, State, Failure string
		Steps              int
		Submitted, Changed time.Time
	}
	if err := s.ask(ctx, http.MethodPost, "/api/recordings?name=film.mp4", f, &told); err != nil {
		return r, err
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, "redis", "redis.sock")})
	defer func() { _ = client.Close() }()
	for told.State == "working" {
		r.steps = max(r.steps, told.Steps)
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if err := s.ask(ctx, http.MethodGet, "/api/recordings/"+told.ID, nil, &told); err != nil {
			return r, err
		}
	}
	if told.State != "done" {
		return r, fmt.Errorf("it %s: %s", told.State, told.Failure)
	}
	r.took = told.Changed.Sub(told.Submitted)
	info, err := client.InfoMap(ctx, "stats").Result()
	if err != nil {
		return r, err
	}
	var in, out int64
	_, err = fmt.Sscan(info["Stats"]["total_commands_processed"]+" "+info["Stats"]["total_net_input_bytes"]+" "+info["Stats"]["total_net_output_bytes"], &r.commands, &in, &out)
	r.bytes = in + out
	return r, err
}

// server is the `dyade serve` of a folder.
type server struct{ dir, address, token string }

func (s *server) await(ctx context.Context) error {
	for ctx.Err() == nil {
		address, err := os.ReadFile(filepath.Join(s.dir, "address"))
		token, terr := os.ReadFile(filepath.Join(s.dir, "token"))
		if err == nil && terr == nil {
			s.address, s.token = strings.TrimSpace(string(address)), strings.TrimSpace(string(token))
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	return ctx.Err()
}

func (s *server) ask(ctx context.Context, method, path string, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.address+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
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
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(doc))
	}
	return json.Unmarshal(doc, into)
}
