// Command dyade-sample makes a recording of two people at play whose truth is
// known, for trying dyade, and the set of recordings that dyade is measured on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dyade/internal/sample"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "dyade-sample:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) > 0 && args[0] == "set" {
		return set(ctx, args[1:])
	}
	return one(ctx, args)
}

// one makes a sample recording.
func one(ctx context.Context, args []string) error {
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
	return sample.Make(ctx, *seed, *duration, *material, *out)
}

// set makes what is missing of the measuring set.
func set(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("dyade-sample set", flag.ExitOnError)
	out := flags.String("out", "", "folder for the takes and their labels (made if it is not there)")
	split := flags.String("split", sample.Test, "tuning or test: no seed is in both")
	only := flags.String("only", "", "name of the one take to make")
	material := flags.String("material", "share/sample", "folder with the face clips and the conversation")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return fmt.Errorf("--out DIR is missing")
	}
	return sample.Set{Split: *split, Only: *only, Material: *material, Out: *out, Made: func(name string, took time.Duration) {
		if took > 0 {
			fmt.Printf("%-18s %5.1f s\n", name, took.Seconds())
		}
	}}.Make(ctx)
}
