// Command scale has one recording analysed by one worker, then by two and so on,
// each of one thread, and prints what that took: docs/scaling.md has its figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"dyade/annotate/store"
	"dyade/annotate/web/client"
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
	server, err := client.Await(ctx, dir)
	if err != nil {
		return r, err
	}
	f, err := os.Open(film)
	if err != nil {
		return r, err
	}
	defer f.Close()
	told, err := server.Submit(ctx, "film.mp4", store.Default, f)
	if err != nil {
		return r, err
	}
	queue := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, "redis", "redis.sock")})
	defer func() { _ = queue.Close() }()
	for told.State == store.Working {
		r.steps = max(r.steps, told.Steps)
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if told, err = server.Recording(ctx, told.ID); err != nil {
			return r, err
		}
	}
	if told.State != store.Done {
		return r, fmt.Errorf("it %s: %s", told.State, told.Failure)
	}
	r.took = told.Changed.Sub(told.Submitted)
	info, err := queue.InfoMap(ctx, "stats").Result()
	if err != nil {
		return r, err
	}
	var in, out int64
	_, err = fmt.Sscan(info["Stats"]["total_commands_processed"]+" "+info["Stats"]["total_net_input_bytes"]+" "+info["Stats"]["total_net_output_bytes"], &r.commands, &in, &out)
	r.bytes = in + out
	return r, err
}
