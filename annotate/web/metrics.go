package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// MetricsPath is where Prometheus looks. What is there are numbers, and names of
// dyade's own: of routes, stages, causes; none of a recording, and no id.
const MetricsPath = "/metrics"

// metrics are the door's own, and lead to those of the others in the registry.
type metrics struct {
	server    *Server
	answers   *prometheus.HistogramVec
	listeners prometheus.Gauge
	page      http.Handler

	recordings, queue, workers, busy, uploads, free *prometheus.Desc
}

func newMetrics(s *Server, registry *prometheus.Registry) (*metrics, error) {
	one := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("dyade_"+name, help, labels, nil)
	}
	m := &metrics{
		server: s,
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dyade_http_answer_seconds", Help: "Time from a request to the begin of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route", "status"}),
		listeners:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "dyade_http_listeners", Help: "Callers who are told of changes as they come."}),
		recordings: one("recordings", "Recordings, by state.", "state"),
		queue:      one("queue_steps", "Steps that are to be done, by queue and state.", "queue", "state"),
		workers:    one("workers", "Workers that are there."),
		busy:       one("workers_busy", "Workers that are at a step."),
		uploads:    one("uploads", "Uploads under way."),
		free:       one("disk_free_bytes", "Room on the disk of the data folder."),
	}
	for _, c := range []prometheus.Collector{m.answers, m.listeners, m} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	m.page = promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m, nil
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.recordings, m.queue, m.workers, m.busy, m.uploads, m.free} {
		to <- d
	}
}

// Collect implements prometheus.Collector. What cannot be told is left out.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	t, err := m.server.state(context.Background())
	if err != nil {
		m.server.Log.Warn("cannot measure how the work is", "error", err)
		return
	}
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for state, n := range t.Recordings {
		tell(m.recordings, float64(n), string(state))
	}
	for _, l := range t.Queues {
		tell(m.queue, float64(l.Blocked), string(l.Queue), "blocked")
		tell(m.queue, float64(l.Ready), string(l.Queue), "ready")
		tell(m.queue, float64(l.Queued), string(l.Queue), "queued")
	}
	tell(m.workers, float64(t.Workers))
	tell(m.busy, float64(t.Busy))
	tell(m.uploads, float64(t.Uploads))
	tell(m.free, float64(t.Disk.FreeBytes))
}

func (m *metrics) answer(w http.ResponseWriter, r *http.Request) { m.page.ServeHTTP(w, r) }

// watch measures an answer.
func (m *metrics) watch(r *http.Request, v *visit, asked time.Time) {
	route := r.Pattern
	if route == "" {
		route = "none" // what a caller makes up is no label
	}
	if v.status != 0 {
		m.answers.WithLabelValues(route, strconv.Itoa(v.status)).Observe(v.begun.Sub(asked).Seconds())
	}
}
