//go:build !storm

package main

import (
	"log/slog"
	"time"
)

// What time it is, and how much the log tells. The storm (internal/storm) builds
// dyade with another file for these, so as to make the clock jump.
var now = time.Now

const logLevel = slog.LevelInfo
