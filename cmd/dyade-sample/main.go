// Command dyade-sample makes a recording of two people at play whose truth is
// known, for trying dyade and for measuring it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"dyade/internal/sample"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dyade-sample:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("dyade-sample", flag.ExitOnError)
	seed := flags.Uint64("seed", 1, "number that the script, the people and the room are drawn from")
	out := flags.String("out", "", "folder for sample.mp4 and its labels (made if it is not there)")
	material := flags.String("material", "share/sample", "folder with the face clips and the conversation")
	duration := flags.Float64("duration", 0, "cut the film after so many seconds (0: the whole script)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("--out DIR is missing")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return sample.Make(ctx, *seed, *duration, *material, *out)
}
