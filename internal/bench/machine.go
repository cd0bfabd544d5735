package bench

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

func machine(ctx context.Context) Machine {
	return Machine{
		CPU:   field("/proc/cpuinfo", "model name", ":"),
		Cores: runtime.NumCPU(), OS: strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`),
		FFmpeg: ffmpegVersion(ctx),
	}
}

// field is the value of a file's first line that begins with name, "" where
// there is none.
func field(file, name, sep string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), sep); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ffmpegVersion is the third word of `ffmpeg -version`, "" where there is none.
func ffmpegVersion(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "ffmpeg", "-version").Output()
	if words := strings.Fields(string(out)); err == nil && len(words) > 2 {
		return words[2]
	}
	return ""
}
