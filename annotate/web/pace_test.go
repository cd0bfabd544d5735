package web_test

import (
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// say sends what a caller says, and gives all that it is answered.
func say(t *testing.T, srv *httptest.Server, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute)) // else the test hangs where it fails
	said, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("%.40q is not let go: %v", text, err)
	}
	return string(said)
}

// TestWhoStandsStillIsLetGo: it is told so where that can be, and keeps nothing busy.
func TestWhoStandsStillIsLetGo(t *testing.T) {
	d := open(t)
	d.server.Hasten(100*time.Millisecond, time.Minute)
	srv := httptest.NewServer(d.server.Handler())
	defer srv.Close()
	const key = "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n"
	for _, head := range []string{
		"POST /api/media HTTP/1.1\r\n" + key + "Content-Length: 100\r\n\r\nhalf",
		"POST /api/media HTTP/1.1\r\n" + key + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		if said := say(t, srv, head); !strings.HasPrefix(said, "HTTP/1.1 408 ") || !strings.Contains(said, `{"error":"nothing came for too long`) {
			t.Errorf("it is told %q", said)
		}
	}
	// What is not read is not waited for either.
	said := say(t, srv, "DELETE /api/recordings/x HTTP/1.1\r\n"+key+"Content-Length: 100\r\n\r\nhalf")
	if !strings.HasPrefix(said, "HTTP/1.1 404 ") {
		t.Errorf("it is told %q", said)
	}
}

// TestWhoTakesNothingIsLetGo: one who has it all, and waits for news, is not.
func TestWhoTakesNothingIsLetGo(t *testing.T) {
	d := open(t)
	x := d.film("long.mp4", strings.Repeat("a film ", 4<<20))
	d.server.Hasten(time.Minute, 100*time.Millisecond)
	srv := httptest.NewServer(d.server.Handler())
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /api/recordings/%s/original HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", x.ID, token)
	l := (&door{t: t, url: srv.URL}).listen("/api/recordings/"+x.ID+"/events", "")
	if got, _ := l.of("recording"); got.State != "working" {
		t.Errorf("told %+v", got)
	}
	select {
	case <-t.Context().Done():
	case <-time.After(500 * time.Millisecond): // longer than one may stand still
	}
	d.ask("POST", "/api/recordings/"+x.ID+"/cancel", nil)
	if got, _ := l.of("recording"); got.State != "cancelled" {
		t.Errorf("told %+v", got)
	}
	// Its connection is closed while it reads nothing: closing the server waits for it.
	done := make(chan struct{})
	go func() { defer close(done); srv.Config.SetKeepAlivesEnabled(false); srv.Close() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("who takes nothing is not let go")
	}
}
