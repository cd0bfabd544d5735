// Package schema carries the JSON Schemas of what dyade writes.
package schema

import "embed"

// Files holds NAME.schema.json, one per document.
//
//go:embed *.schema.json
var Files embed.FS
