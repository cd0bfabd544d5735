// Package ui holds the page as it is bundled: a script, a style sheet and a font,
// made of the TypeScript in src by build.mjs (make page).
package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist/*.js dist/*.css dist/*.woff2
var dist embed.FS

// Files of the page by their names.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name above is the one embedded
	}
	return files
}
