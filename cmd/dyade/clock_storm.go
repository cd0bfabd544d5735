//go:build storm

package main

import (
	"log/slog"
	"os"
	"time"
)

const logLevel = slog.LevelDebug

// now is the time by a clock that jumps: a file says how far off it is.
func now() time.Time {
	doc, err := os.ReadFile(os.Getenv("DYADE_STORM_CLOCK"))
	if err != nil {
		return time.Now()
	}
	off, err := time.ParseDuration(string(doc))
	if err != nil {
		return time.Now()
	}
	return time.Now().Add(off)
}
