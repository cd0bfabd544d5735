package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

// TestWhoIsLetIn by what a request says of itself. A browser says it truly; other
// programs say what they want, and need the token.
func TestWhoIsLetIn(t *testing.T) {
	d := open(t)
	port := d.url[strings.LastIndexByte(d.url, ':')+1:]
	for _, c := range []struct {
		what, method, path string
		status             int
		headers            []string
	}{
		{"a program", "GET", "/api/recordings", 200, nil},
		{"by its other name", "GET", "/api/recordings", 200, []string{"Host", "localhost:" + port}},
		{"our own page", "POST", "/api/recordings/x/cancel", 404, []string{"Origin", d.url, "Sec-Fetch-Site", "same-origin"}},
		{"a name made to lead here", "GET", "/api/recordings", 421, []string{"Host", "evil.example:" + port}},
		{"that name, for the key", "GET", "/enter?token=x", 421, []string{"Host", "evil.example"}},
		{"no name", "GET", "/", 421, []string{"Host", "-"}},
		{"another's page sends", "POST", "/api/recordings/x/cancel", 403, []string{"Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"}},
		{"an old browser's page sends", "POST", "/api/recordings/x/cancel", 403, []string{"Origin", "http://evil.example"}},
		{"a page without origin sends", "DELETE", "/api/recordings/x", 403, []string{"Origin", "null"}},
		{"another's page reads", "GET", "/api/recordings", 403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}},
		{"another's page embeds", "GET", "/api/recordings", 403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}},
		{"another port's page reads", "GET", "/api/recordings", 403, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}},
		{"another port's page sends", "POST", "/api/recordings/x/cancel", 403, []string{"Origin", "http://127.0.0.1:1"}},
		{"a link elsewhere leads to data", "GET", "/api/recordings", 403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}},
		{"a link elsewhere leads to our page", "GET", "/", 200, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}},
	} {
		a := d.ask(c.method, c.path, nil, c.headers...)
		if a.status != c.status {
			t.Errorf("%s: %d %s", c.what, a.status, a.body)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", c.what, name, got)
			}
		}
		if p := a.header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") {
			t.Errorf("%s: the policy is %q", c.what, p)
		}
	}
}

// TestTheKeyOpensAPage: the address that serve writes lets a browser in, for as long
// as it keeps its cookie, which no script can read and no other site makes it send.
func TestTheKeyOpensAPage(t *testing.T) {
	d := open(t)
	d.film("Jeu <b>du matin.mp4", "a film")
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	visit := func(path, lang string) (int, string, http.Header) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, d.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", lang)
		a, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return read(t, a)
	}
	if status, body, _ := visit("/", "fr"); status != 401 || !strings.Contains(body, "il faut la clé") || strings.Contains(body, "matin") {
		t.Errorf("without a key: %d %s", status, body)
	}
	if status, body, _ := visit("/visits/x", "fr"); status != 401 || !strings.Contains(body, "il faut la clé") {
		t.Errorf("a visit without a key: %d %s", status, body)
	}
	for path, kind := range map[string]string{"/style.css": "text/css", "/ui/app.js": "text/javascript", "/ui/app.css": "text/css", "/ui/inter-latin-wght-normal.woff2": "font/woff2"} {
		if status, body, h := visit(path, "fr"); status != 200 || body == "" || !strings.HasPrefix(h.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", path, status, h)
		}
	}
	if status, _, h := visit("/enter?token=wrong", "fr"); status != 401 || h.Get("Set-Cookie") != "" {
		t.Errorf("with a wrong key: %d, %q", status, h.Get("Set-Cookie"))
	}
	status, _, h := visit("/enter?token="+url.QueryEscape(token), "fr")
	cookie := h.Get("Set-Cookie")
	if status != 200 || h.Get("Refresh") != "0; url=/" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || strings.Contains(cookie, token) {
		t.Errorf("with the key: %d, %v", status, h)
	}
	for lang, want := range map[string]string{"fr": "Travail du serveur", "en": "The server’s work"} {
		if status, body, _ := visit("/service", lang); status != 200 || !strings.Contains(body, want) || strings.Contains(body, "matin") {
			t.Errorf("%s: %d %s", lang, status, body)
		}
		for _, path := range []string{"/", "/visits/x", "/visits/x/parent", "/visits/x/report"} {
			if status, body, _ := visit(path, lang); status != 200 || !strings.Contains(body, `<html lang="`+lang+`">`) || strings.Contains(body, "matin") {
				t.Errorf("%s in %s: %d %s", path, lang, status, body)
			}
		}
	}
	if status, _, _ := visit("/api/recordings", "fr"); status != 200 {
		t.Errorf("the cookie opens no data: %d", status)
	}
}

// TestGuessingIsSlow: and whoever knows the token is let in meanwhile.
func TestGuessingIsSlow(t *testing.T) {
	d := open(t)
	var last reply
	for range 200 {
		if last = d.ask("GET", "/api/recordings", nil, "Authorization", "Bearer wrong"); last.status == 429 {
			break
		}
	}
	if last.status != 429 || last.header.Get("Retry-After") == "" {
		t.Errorf("200 wrong tokens: %d %v", last.status, last.header)
	}
	if a := d.ask("GET", "/enter?token=wrong", nil, "Authorization", ""); a.status != 429 {
		t.Errorf("another way: %d", a.status)
	}
	if a := d.ask("GET", "/api/recordings", nil); a.status != 200 {
		t.Errorf("with the token: %d", a.status)
	}
}
