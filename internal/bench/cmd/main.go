// Command cmd makes docs/performance.md, in the folder where it is started: see
// `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dyade/internal/bench/perf"
)

func main() {
	os.Exit(run())
}

func run() int {
	rounds := flag.Int("rounds", 3, "rounds, of which the shortest counts")
	only := flag.Bool("page", false, "write the page from the results that are there, and measure nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := os.Getwd()
	m := &perf.Maker{Root: root, Rounds: *rounds, Date: time.Now().Format(time.DateOnly), Say: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	}}
	switch {
	case err != nil:
	case *only:
		err = m.Write()
	default:
		err = m.Run(ctx, flag.Args())
	}
	switch {
	case ctx.Err() != nil:
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
