package web

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/time/rate"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web/upload"
)

// Addresses that people go to, beside "/".
const (
	servicePath = "/service" // for who runs it
	VisitsPath  = "/visits/" // a visit's id follows
)

// route is one thing that can be asked for.
type route struct {
	method, path string
	do           http.HandlerFunc
}

// routes are all there are behind the guard; openapi.yaml describes them.
func (s *Server) routes() []route {
	const one, visit = "/api/recordings/{id}", "/api/visits/{visit}"
	return []route{
		{"GET", "/api/recordings", s.list},
		{"GET", one, s.show},
		{"DELETE", one, s.change(s.Delete)},
		{"POST", one + "/cancel", s.change(s.Engine.Cancel)},
		{"POST", one + "/retry", s.change(s.Engine.Retry)},
		{"GET", one + "/events", s.watchOne},
		{"GET", one + "/moments", s.moments},
		{"GET", one + "/proposals", s.proposals},
		{"GET", one + "/ranking", s.ranking},
		{"GET", one + "/signals", s.signals},
		{"GET", one + "/files/{name}", s.file},
		{"GET", one + "/original", s.original},
		{"GET", one + "/thumbnail", s.showing(s.thumbnail)},
		{"GET", one + "/waveform", s.showing(s.waveform)},
		{"GET", one + "/frames", s.showing(s.frames)},
		{"GET", one + "/copy", s.showing(s.copy)},
		{"GET", one + "/clip", s.showing(s.clip)},
		{"PUT", one + "/visit", s.moveRecording},
		{"GET", "/api/events", s.watchAll},
		{"POST", "/api/visits", s.addVisit},
		{"GET", visit, s.showVisit},
		{"GET", visit + "/review", s.review},
		{"POST", visit + "/edits", s.edit},
		{"GET", visit + "/events", s.watchVisit},
		{"GET", visit + "/reel/plan", s.reelPlan},
		{"GET", visit + "/reel", s.reel},
		{"POST", visit + "/reel", s.askReel},
		{"DELETE", visit + "/reel", s.cancelReel},
		{"GET", visit + "/export/{form}", s.export},
		{"GET", visit + "/reel/film", s.reelFile("video/mp4", func(r store.Reel) blob.Sum { return r.Film })},
		{"GET", visit + "/reel/provenance", s.reelFile("application/json", func(r store.Reel) blob.Sum { return r.Provenance })},
		{"POST", upload.Path + "{$}", s.uploads.ServeHTTP},
		{"OPTIONS", upload.Path + "{$}", s.uploads.ServeHTTP},
		{"HEAD", upload.Path + "{upload}", s.uploads.ServeHTTP},
		{"PATCH", upload.Path + "{upload}", s.uploads.ServeHTTP},
		{"DELETE", upload.Path + "{upload}", s.uploads.ServeHTTP},
		{"GET", "/api/status", s.status},
		{"GET", "/api/openapi.yaml", description},
		{"GET", RealmPath, s.realm},
		{"POST", blob.MediaPath, s.put},
		{"GET", blob.MediaPath + "/{sum}", s.get},
		{"GET", BackupPath, s.alone(s.backup)},
		{"GET", CheckPath, s.alone(s.check)},
		{"GET", MetricsPath, s.metrics.answer},
		{"GET", servicePath, s.page},
		{"GET", "/{$}", s.shell},
		{"GET", VisitsPath + "{visit}", s.shell},
		{"GET", VisitsPath + "{visit}/parent", s.shell},
		{"GET", VisitsPath + "{visit}/report", s.shell},
	}
}

// freely are what anybody may have who reaches the door: nothing of a recording.
func (s *Server) freely(wrong *rate.Limiter) []route {
	return append(s.openly(wrong), route{"GET", HealthPath, s.healthy})
}

// openly are what a page is made of, and the way in.
func (s *Server) openly(wrong *rate.Limiter) []route {
	return append([]route{
		{"GET", KeyPath, s.enter(wrong)},
		{"GET", "/style.css", asset("text/css", pageStyle)},
		{"GET", "/page.js", asset("text/javascript", pageScript)},
	}, pageParts()...)
}

// mux leads to routes. What is no route, and a method that a route does not
// have, is refused as all else is: by a document.
func (s *Server) mux(routes []route) http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range routes {
		mux.HandleFunc(r.method+" "+r.path, r.do)
		methods[r.path] = append(methods[r.path], r.method)
		if r.method == http.MethodGet {
			methods[r.path] = append(methods[r.path], http.MethodHead)
		}
	}
	for path, known := range methods {
		slices.Sort(known)
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(known, ", "))
			s.refuse(w, http.StatusMethodNotAllowed, "that cannot be done to it")
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, http.StatusNotFound, "there is no such thing")
	})
	return mux
}

// alone lets one at a time do what takes all of a disk's time.
func (s *Server) alone(do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.busy.TryLock() {
			w.Header().Set("Retry-After", "10")
			s.refuse(w, http.StatusTooManyRequests, "a backup or a check is under way: wait until it is done")
			return
		}
		defer s.busy.Unlock()
		do(w, r)
	}
}
