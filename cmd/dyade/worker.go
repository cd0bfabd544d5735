package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/redis/go-redis/v9"

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
	memory := f.Int64("memory", 2048, "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if *data == "" || *address == "" || *memory <= 0 {
		return wrongUse{i18n.T(t.lang, "cli_help_worker")}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find dyade's own program: %w", err)
	}
	client, err := dial(*address)
	if err != nil {
		return wrongUse{err.Error()}
	}
	defer func() { _ = client.Close() }()
	media, err := blob.OpenFolder(filepath.Join(*data, mediaFolder))
	if err != nil {
		return err
	}
	w := &workers.Worker{
		Redis: client, Media: media, Native: []string{self, "native"}, Memory: *memory << 20,
		Dir: filepath.Join(*data, workFolder, fmt.Sprint(os.Getpid())), Log: logger(t),
	}
	return w.Run(ctx)
}

// dial makes a client of the Redis at an address like redis://, rediss:// (TLS) or
// unix://, which may be away for now.
func dial(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("--redis %s: %w", address, err)
	}
	return redis.NewClient(o), nil
}

// logger writes what happens, one JSON object a line, without names or content of
// recordings.
func logger(t *terminal) *slog.Logger { return slog.New(slog.NewJSONHandler(t.err, nil)) }

// doNative is `dyade native`, which workers start.
func doNative(ctx context.Context, t *terminal, _ []string) error {
	return workers.Native(ctx, os.Stdin, t.out)
}
