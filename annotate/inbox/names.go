package inbox

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unfinished are endings of the names under which programs write what is not whole
// yet.
var unfinished = []string{
	".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".aria2", ".tmp", ".temp", ".!qb", ".!ut", ".bc!", "~",
}

// others are folders in which systems keep what is thrown away, or of their own.
var others = []string{"$recycle.bin", "recycler", "#recycle", "system volume information", "lost+found", "@eadir"}

// private tells whether a file or folder is not, or not yet, for us: it is hidden, as
// the temporary files of rsync and Syncthing are, or has the name of one that is
// being written, or of what was thrown away.
func private(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || slices.Contains(others, lower) ||
		slices.ContainsFunc(unfinished, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// mostName is how many bytes a film's name may have.
const mostName = 255

// harmless makes of a file's name one that may be shown and kept.
func harmless(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '/' {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	for len(name) > mostName { // its end tells what it is
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	return name
}
