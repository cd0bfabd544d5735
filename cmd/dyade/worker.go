package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"dyade/annotate/blob"
	"dyade/internal/i18n"
	"dyade/workers"
)

// doSteps is `dyade worker`.
func doSteps(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("worker")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	address := f.String("redis", "", "")
	server := f.String("server", "", "")
	memory := f.Int64("memory", 2048, "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	*address = redisAddress(*address)
	if (*data == "") == (*server == "") || *address == "" || *memory <= 0 {
		return wrongUse{i18n.T(t.lang, "cli_help_worker")}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find dyade's own program: %w", err)
	}
	client, err := workers.Dial(*address)
	if err != nil {
		return wrongUse{err.Error()}
	}
	w := &workers.Worker{Redis: client, Native: []string{self, "native"}, Memory: *memory << 20, Log: logger(t.err)}
	if *server == "" {
		w.Dir = filepath.Join(*data, workFolder)
		w.Media, err = blob.OpenFolder(filepath.Join(*data, mediaFolder))
	} else {
		w.Dir, err = elsewhere()
		if err == nil {
			w.Media, err = blob.NewRemote(*server, os.Getenv(tokenVariable))
		}
	}
	if err != nil {
		return err
	}
	return w.Run(ctx)
}

// elsewhere is where a worker works that has no data folder.
func elsewhere() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("choose where to work: %w", err)
	}
	return filepath.Join(cache, "dyade-work"), nil
}

// tokenVariable holds what a server wants to be told by a worker elsewhere.
const tokenVariable = "DYADE_TOKEN" //nolint:gosec // a name, no secret

// logger writes what happens, one JSON object a line, without names or content of
// recordings.
func logger(to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: logLevel}))
}

// doNative is `dyade native`, which workers start.
func doNative(ctx context.Context, t *terminal, _ []string) error {
	return workers.Native(ctx, os.Stdin, t.out)
}
