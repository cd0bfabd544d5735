package main

import (
	"context"
	"fmt"

	"dyade/internal/i18n"
	"dyade/pipeline/cache"
)

// emptyCache is `dyade cache clear`.
func emptyCache(_ context.Context, t *terminal, args []string) error {
	f := t.flags("cache")
	lang := f.String("lang", "", "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if f.Arg(0) != "clear" {
		return wrongUse{i18n.T(t.lang, "cli_help_cache")}
	}
	dir, err := cache.Dir()
	if err != nil {
		return err
	}
	freed, err := cache.Clear(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, i18n.T(t.lang, "cli_cache_cleared", float64(freed)/1e6, dir))
	return nil
}

// reportCache says where the cache lies and what it takes; an analysis does
// without one that cannot be had.
func reportCache(t *terminal) {
	dir, err := cache.Dir()
	size := int64(0)
	if err == nil {
		size, err = cache.Size(dir)
	}
	if err != nil {
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", "cache", err))
		return
	}
	fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_cache", dir, float64(size)/1e6))
}
