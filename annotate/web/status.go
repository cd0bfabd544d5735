package web

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"dyade/annotate/store"
)

// Crew is who does the work.
type Crew struct {
	Workers int `json:"workers"`
	Busy    int `json:"busy"` // of those, with a step
}

// Disk is the one that the data folder is on.
type Disk struct {
	FreeBytes  int64 `json:"free_bytes"`
	TotalBytes int64 `json:"total_bytes"`
}

// reserve is what is left free for the database and for results when films are
// taken in, some minutes of film.
const reserve = 512 << 20

// disk measures it.
func (s *Server) disk() (Disk, error) {
	var d syscall.Statfs_t
	dir := filepath.Dir(s.Aside)
	if err := syscall.Statfs(dir, &d); err != nil {
		return Disk{}, fmt.Errorf("measure the disk: %w", err)
	}
	return Disk{int64(d.Bavail) * d.Bsize, int64(d.Blocks) * d.Bsize}, nil
}

// room is how many bytes of film the disk takes more.
func (s *Server) room() (int64, error) {
	d, err := s.disk()
	return d.FreeBytes - reserve, err
}

// Health tells whether all works.
type Health struct {
	OK      bool     `json:"ok"`
	Failing []string `json:"failing"` // parts that do not: database, queue, disk
}

// Parts that may fail.
const (
	failingDatabase = "database"
	failingQueue    = "queue"
	failingDisk     = "disk" // it is full, or cannot be measured
)

// HealthPath tells anybody whether the server works, and nothing else.
const HealthPath = "/healthz"

// healthTime is how long a part may take to show that it works.
const healthTime = 3 * time.Second

func (s *Server) health(ctx context.Context) (Health, Crew) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	h := Health{Failing: []string{}}
	if _, err := s.Store.States(ctx); err != nil {
		h.Failing = append(h.Failing, failingDatabase)
	}
	var crew Crew
	var err error
	crew.Workers, crew.Busy, err = s.Engine.Crew(ctx)
	if err != nil {
		h.Failing = append(h.Failing, failingQueue)
	}
	if left, err := s.room(); err != nil || left <= 0 {
		h.Failing = append(h.Failing, failingDisk)
	}
	h.OK = len(h.Failing) == 0
	return h, crew
}

// healthEvery is how often anybody may have the parts asked.
const healthEvery = time.Second

func (s *Server) healthy(w http.ResponseWriter, r *http.Request) {
	s.look.Lock()
	if time.Since(s.looked) > healthEvery {
		s.seen, _ = s.health(context.WithoutCancel(r.Context()))
		s.looked = time.Now()
	}
	h := s.seen
	s.look.Unlock()
	status := http.StatusOK
	if !h.OK {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, h)
}

// Status is how the server's work is, for who looks after it.
type Status struct {
	Health
	Started    time.Time           `json:"started"`
	Versions   []string            `json:"versions"`
	Recordings map[store.State]int `json:"recordings"`
	Queues     []store.Load        `json:"queues"`
	Crew
	Uploads int  `json:"uploads"` // under way
	Disk    Disk `json:"disk"`
}

func (s *Server) state(ctx context.Context) (t Status, err error) {
	t = Status{Started: s.started, Versions: s.Versions}
	if t.Recordings, err = s.Store.States(ctx); err != nil {
		return t, err
	}
	if t.Queues, err = s.Store.Loads(ctx); err != nil {
		return t, err
	}
	if t.Uploads, err = s.uploads.Open(); err != nil {
		return t, err
	}
	if t.Disk, err = s.disk(); err != nil {
		return t, err
	}
	t.Health, t.Crew = s.health(ctx)
	return t, nil
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	t, err := s.state(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, t)
}
