package workers

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dyade/annotate/store"
)

// Meter counts and times the work for Prometheus. Its labels are stages, queues and
// causes; none is of a recording.
type Meter struct {
	steps    *prometheus.HistogramVec
	speed    prometheus.Histogram
	failures *prometheus.CounterVec
	given    *prometheus.CounterVec
	film     prometheus.Counter
	analyses *prometheus.HistogramVec
}

// NewMeter makes one whose figures a registry shows.
func NewMeter(registry prometheus.Registerer) (*Meter, error) {
	m := &Meter{
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dyade_step_seconds", Help: "Time that a worker was at a step that it finished, by stage.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300},
		}, []string{"stage"}),
		speed: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "dyade_look_speed_ratio", Help: "Film time that the pictures of a step span, in times of what decoding and looking took.",
			Buckets: []float64{.5, 1, 2, 4, 8, 16, 32, 64, 128},
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dyade_failures_total", Help: "Recordings that were given up (scope recording) and attempts that failed (scope attempt), by cause.",
		}, []string{"scope", "cause"}),
		given: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dyade_attempts_total", Help: "Attempts at steps that were given out, by stage.",
		}, []string{"stage"}),
		film: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dyade_film_seconds_total", Help: "Film whose analysis is done.",
		}),
		analyses: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dyade_analysis_film_ratio", Help: "Time from a recording's being submitted to its analysis, as a share of its length, by queue.",
			Buckets: []float64{.05, .1, .2, .35, .5, .75, 1, 2, 5, 20, 100},
		}, []string{"queue"}),
	}
	for _, c := range []prometheus.Collector{m.steps, m.speed, m.failures, m.given, m.film, m.analyses} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Scopes of failures.
const (
	ofRecording = "recording"
	ofAttempt   = "attempt"
)

// causes that an attempt may fail of, beside those of crashes.
const (
	causeStep = "step" // it says so itself
	causeLost = "lost" // nobody was at it any more, or it was handed back
)

// did is told of a step that was done; film is the time that its pictures span.
func (m *Meter) did(stage string, took time.Duration, film float64) {
	if m == nil || took <= 0 {
		return
	}
	m.steps.WithLabelValues(stage).Observe(took.Seconds())
	if film > 0 {
		m.speed.Observe(film / took.Seconds())
	}
}

// analysed is told of a whole recording.
func (m *Meter) analysed(a store.Attempt, took time.Duration) {
	if m == nil {
		return
	}
	m.film.Add(a.Duration.Seconds())
	if a.Duration > 0 && took > 0 {
		m.analyses.WithLabelValues(string(a.Queue)).Observe(took.Seconds() / a.Duration.Seconds())
	}
}

func (m *Meter) gave(stage string) {
	if m != nil {
		m.given.WithLabelValues(stage).Inc()
	}
}

func (m *Meter) failed(scope, cause string) {
	if m != nil {
		m.failures.WithLabelValues(scope, cause).Inc()
	}
}
