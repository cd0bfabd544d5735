// Command page measures the review page in Chromium, with a recording of 90 minutes and
// 300 moments: how soon it can be used, how soon a key brings another picture, while the
// review copy is being made and once it is there, and how many frames are late while its
// lanes are scrolled. It fails where one of these takes longer than it may.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"dyade/annotate/web/client"
)

func main() {
	program := flag.String("program", "bin/dyade", "dyade")
	dir := flag.String("dir", "build/bench", "where there is room")
	minutes := flag.Int("minutes", 90, "length of the recording")
	moments := flag.Int("moments", 300, "how many it has")
	look := flag.Bool("look", false, "serve it to be looked at, until interrupted, and measure nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx, *program, *dir, *minutes, *moments, *look)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// figure is what was measured, and what it may be at most.
type figure struct {
	name      string
	got, most float64
	unit      string
}

func measure(ctx context.Context, program, at string, minutes, moments int, look bool) error {
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(at, ".page-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := record(ctx, dir, minutes, moments)
	if err != nil {
		return fmt.Errorf("make the recording: %w", err)
	}
	data := filepath.Join(dir, "data")
	var figures []figure
	err = serve(ctx, program, data, func(server *client.Client) error {
		if err := r.ready(ctx, server); err != nil {
			return fmt.Errorf("have it ready to be looked at: %w", err)
		}
		if figures, err = visit(ctx, server, r, without); err != nil {
			return err
		}
		return r.clipped(ctx, data) // long before the copy is whole
	})
	if err == nil {
		err = r.copied(data)
	}
	if err != nil {
		return err
	}
	err = serve(ctx, program, data, func(server *client.Client) error {
		if look {
			fmt.Fprintf(os.Stdout, "%s/enter?token=%s, then %s/visits/%s\n", server.URL, server.Token, server.URL, r.visit)
			<-ctx.Done()
			return nil
		}
		more, err := visit(ctx, server, r, with)
		figures = append(figures, more...)
		return err
	})
	if err != nil || look {
		return err
	}
	late := false
	for _, f := range figures {
		mark := ""
		if f.got > f.most {
			late, mark = true, "  too much"
		}
		fmt.Fprintf(os.Stdout, "%-56s %8.1f %s (at most %.1f)%s\n", f.name, f.got, f.unit, f.most, mark)
	}
	if late {
		return fmt.Errorf("the page is slower than it may be")
	}
	return nil
}

// serve has a server while something is done with it.
func serve(ctx context.Context, program, data string, do func(*client.Client) error) error {
	cmd := exec.CommandContext(ctx, program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--workers", "0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return err
	}
	server, err := client.Await(ctx, data)
	if err == nil {
		err = do(server)
	}
	return errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
}

// quantile of some values: 0.5 is the median, 1 the largest.
func quantile(all []float64, q float64) float64 {
	if len(all) == 0 {
		return math.Inf(1)
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

const patience = time.Minute
