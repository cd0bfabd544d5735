package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// KeyPath is what a browser opens to be let in, with ?token=TOKEN.
const KeyPath = "/enter"

// policy is what a page of ours may do: show itself, its own pictures, and films that
// its script hands over piece by piece as they come (blob:).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard lets in who knows the token, and no page of another's in whose browser that
// one is. What is free anybody may have.
func (s *Server) guard(next http.Handler, open func(wrong *rate.Limiter) []route) http.Handler {
	foreign := http.NewCrossOriginProtection()
	wrong := rate.NewLimiter(wrongEvery, wrongAtOnce)
	free, anybody := s.mux(open(wrong)), map[string]bool{}
	for _, r := range open(wrong) {
		anybody[r.path] = true
	}
	all := rate.NewLimiter(mostEvery, mostAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.head(w.Header())
		known := s.known(r)
		if !known {
			w.Header().Set("Connection", "close") // who has no key is not to keep others out
		}
		switch {
		case !s.asked(r.Host):
			s.refuse(w, http.StatusMisdirectedRequest, "this server is not known by that name: use its number, or tell it the name with --host")
		case foreign.Check(r) != nil || s.stranger(r):
			s.refuse(w, http.StatusForbidden, "this was asked for by a page of another's")
		case anybody[r.URL.Path]:
			free.ServeHTTP(w, r)
		case known && !all.Allow():
			w.Header().Set("Retry-After", "1")
			s.refuse(w, http.StatusTooManyRequests, "too many requests at once: wait a moment")
		case known:
			next.ServeHTTP(w, r)
		case !wrong.Allow():
			w.Header().Set("Retry-After", "1")
			s.refuse(w, http.StatusTooManyRequests, "too many wrong tokens: wait a moment")
		case !forPeople(r.URL.Path):
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.refuse(w, http.StatusUnauthorized, "the token is missing or wrong")
		default:
			s.closed(w, r)
		}
	})
}

// forPeople tells whether a person goes to an address, and is to read how they are let in.
func forPeople(path string) bool {
	return path == "/" || path == servicePath || path == LabelPath || strings.HasPrefix(path, VisitsPath)
}

// How often the token may be wrong.
const (
	wrongEvery  = rate.Limit(5)
	wrongAtOnce = 50
)

// How often anything may be asked for: more than people and their workers do, less
// than a program that has gone wrong.
const (
	mostEvery  = rate.Limit(1000)
	mostAtOnce = 3000
)

func (s *Server) head(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// asked tells whether a name is ours. A number always is: who makes a name of
// theirs lead to us (DNS rebinding) has no number in it.
func (s *Server) asked(host string) bool {
	name := host
	if n, _, err := net.SplitHostPort(host); err == nil {
		name = n
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || slices.Contains(s.Hosts, name)
}

// stranger tells whether another's page is behind a request that
// http.CrossOriginProtection lets pass as harmless. Following a link to our page is.
func (s *Server) stranger(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/api/") {
		return false
	}
	if o := r.Header.Get("Origin"); o != "" && o != s.scheme()+"://"+r.Host {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site" // another port of this machine
}

func (s *Server) scheme() string {
	if s.Secure {
		return "https"
	}
	return "http"
}

// known tells whether a request has the token or the cookie.
func (s *Server) known(r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return same(given, s.Token)
	}
	c, err := r.Cookie(s.cookie())
	return err == nil && same(c.Value, s.pass())
}

// same compares without telling by its time how much is right.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

func (s *Server) cookie() string {
	// Cookies know no port: several servers of a machine are not to take each other's.
	name := "dyade-" + s.derived("a name")[:8]
	if s.Secure {
		return "__Host-" + name
	}
	return name
}

// pass is the cookie's content: who sees it does not know the token.
func (s *Server) pass() string { return s.derived("a browser") }

func (s *Server) derived(what string) string {
	m := hmac.New(sha256.New, []byte(s.Token))
	m.Write([]byte(what))
	return hex.EncodeToString(m.Sum(nil))
}

const passTime = 90 * 24 * time.Hour

// pagePath are the pages that opening the door may lead to.
var pagePath = regexp.MustCompile(`^/(visits/[0-9a-z]{1,64}|service|label)?$`)

// enter turns the token in an address into a cookie. It leads on by a page, not by
// a status: a browser that comes from elsewhere would not send the new cookie then.
func (s *Server) enter(wrong *rate.Limiter) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.tryKey(w, r, wrong) }
}

func (s *Server) tryKey(w http.ResponseWriter, r *http.Request, wrong *rate.Limiter) {
	if !same(r.URL.Query().Get("token"), s.Token) {
		if !wrong.Allow() {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, http.StatusTooManyRequests, "too many wrong tokens: wait a moment")
			return
		}
		s.closed(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // over plain HTTP, on this machine alone, it cannot be Secure
		Name: s.cookie(), Value: s.pass(), Path: "/", MaxAge: int(passTime.Seconds()), HttpOnly: true,
		Secure: s.Secure, SameSite: http.SameSiteStrictMode,
	})
	to := r.URL.Query().Get("to")
	if !pagePath.MatchString(to) { // nowhere but to a page of ours
		to = "/"
	}
	w.Header().Set("Refresh", "0; url="+to)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusOK)
}
