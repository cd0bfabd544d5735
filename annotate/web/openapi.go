package web

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openapi []byte

// description is what there is behind the door, for programs.
func description(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openapi)
}
