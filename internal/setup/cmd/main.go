// Command setup installs what dyade needs, in the folder where it is started:
// see `make setup`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"dyade/internal/setup"
)

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := os.Getwd()
	if err == nil {
		err = setup.New(root, os.Stdout).Run(ctx)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "Set-up was interrupted: run `make setup` again, it goes on where it was.")
		return 130
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
