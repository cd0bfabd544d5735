package web

import (
	"strings"
	"time"
)

// Routes lists the methods of each path that can be asked for through the API.
func (s *Server) Routes() map[string][]string {
	all := map[string][]string{}
	for _, r := range append(s.routes(), route{method: "GET", path: HealthPath}) {
		if forPeople(strings.TrimSuffix(r.path, "{$}")) {
			continue // pages ask the API, and are none of it
		}
		all[r.path] = append(all[r.path], r.method)
	}
	return all
}

// Hasten lets go who sends nothing for a time, or takes nothing for another.
func (s *Server) Hasten(silent, still time.Duration) { s.pace.silent, s.pace.still = silent, still }

// HastenTurns lets go who takes long for what others wait for, and who waits for it long.
func (s *Server) HastenTurns(taking, turn time.Duration) { s.pace.taking, s.pace.turn = taking, turn }
