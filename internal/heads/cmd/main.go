// Command cmd draws a sheet of the heads that are found in films: see `make heads`.
package main

import (
	"context"
	"flag"
	"fmt"
	"image/jpeg"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"dyade/internal/heads"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	out := flag.String("out", "", "JPEG to write")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		return fmt.Errorf("say what to write with -out, and name the films")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	sheet, err := heads.Sheet(ctx, flag.Args(), runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	file, err := os.Create(*out)
	if err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	if err := jpeg.Encode(file, sheet, &jpeg.Options{Quality: 85}); err != nil {
		file.Close()
		return fmt.Errorf("write the sheet: %w", err)
	}
	return file.Close()
}
