package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"dyade/internal/testenv/browser"
)

// visitor is a person at the page of a server.
type visitor struct {
	t   *testing.T
	ctx context.Context
	url string
}

// visitor comes by an address that leads to the server, at first to the page in a
// language.
func (s *served) visitor(at, lang string) visitor {
	s.t.Helper()
	v := visitor{s.t, browser.New(s.t), at}
	browser.Strict(s.t, v.ctx)
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := browser.Show(v.ctx, browser.Laptop, false); err != nil {
		s.t.Fatal(err)
	}
	enter := at + "/enter?token=" + url.QueryEscape(strings.TrimSpace(string(token)))
	v.do("comes in", chromedp.Navigate(enter), chromedp.WaitVisible(".home"))
	v.open("/?lang=" + lang)
	return v
}

func (v visitor) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		browser.Picture(v.t, v.ctx, "failed")
		v.t.Fatalf("%s: %v", what, err)
	}
}

// open goes to an address of the page, and waits until there is something.
func (v visitor) open(path string) {
	v.t.Helper()
	v.do("opens "+path, chromedp.Navigate(v.url+path), chromedp.WaitReady("main:not([aria-busy])"))
}

// patience is how long a person waits for anything: an analysis takes longest.
const patience = 2 * time.Minute

// sees waits until something is so.
func (v visitor) sees(what, script string) {
	v.t.Helper()
	v.do("sees "+what, chromedp.Poll[chromedp.Void]("!!("+script+")", chromedp.WithPollingTimeout(patience)))
}

// tells is what a script gives.
func tells[T any](v visitor, script string) T {
	v.t.Helper()
	got, err := chromedp.Run(v.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("%s: %v", script, err)
	}
	return got
}

// drops lets files go over a thing.
func (v visitor) drops(on string, files ...string) {
	v.t.Helper()
	at := tells[[]float64](v, fmt.Sprintf(`(() => { const b = document.querySelector(%q).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`, on))
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		_, err := chromedp.Call(v.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: at[0], Y: at[1], Data: &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1},
		})
		if err != nil {
			v.t.Fatalf("drop: %v", err)
		}
	}
}

// touch says where fingers are.
func (v visitor) touch(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: slices.Concat([]*input.TouchPoint{}, points)}); err != nil {
		v.t.Fatal(err)
	}
}

// visits are those that recordings belong to, the latest recording's first.
func (s *served) visits() (ids []string) {
	s.t.Helper()
	var all struct {
		Recordings []struct{ Visit string }
	}
	if status, doc := s.ask(http.MethodGet, "/api/recordings", nil); status != http.StatusOK || json.Unmarshal(doc, &all) != nil {
		s.t.Fatalf("%d %s", status, doc)
	}
	for _, x := range all.Recordings {
		ids = append(ids, x.Visit)
	}
	return ids
}

// wire leads to a server, and may be cut or let pass only so much.
type wire struct {
	t  *testing.T
	to string

	mu    sync.Mutex
	more  *sync.Cond
	left  int64 // bytes that may go to the server
	down  bool
	conns map[net.Conn]bool
}

// lay gives a wire to a server, and the address that it begins at.
func lay(t *testing.T, to string, left int64) (w *wire, address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{t: t, to: strings.TrimPrefix(to, "http://"), left: left, conns: map[net.Conn]bool{}}
	w.more = sync.NewCond(&w.mu)
	t.Cleanup(func() { _ = l.Close(); w.cut(true) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.lead(c)
		}
	}()
	return w, "http://" + l.Addr().String()
}

// cut breaks all connections, and lets none through until it is mended.
func (w *wire) cut(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	if down {
		for c := range w.conns {
			_ = c.Close()
		}
	}
	w.more.Broadcast()
}

// pass lets more bytes through to the server.
func (w *wire) pass(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left += n
	w.more.Broadcast()
}

func (w *wire) lead(from net.Conn) {
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = from.Close()
		return
	}
	w.mu.Lock()
	down := w.down
	w.conns[from], w.conns[to] = true, true
	w.mu.Unlock()
	end := func() { _, _ = from.Close(), to.Close() }
	if down {
		end()
		return
	}
	go func() {
		defer end()
		_, _ = io.Copy(from, to)
	}()
	defer end()
	_, _ = io.Copy(to, limited{from, w})
}

// limited is what comes of a connection as far as its wire lets it.
type limited struct {
	io.Reader
	w *wire
}

func (l limited) Read(p []byte) (int, error) {
	l.w.mu.Lock()
	for l.w.left <= 0 && !l.w.down {
		l.w.more.Wait()
	}
	most := min(int64(len(p)), max(l.w.left, 1))
	l.w.mu.Unlock()
	n, err := l.Reader.Read(p[:most])
	l.w.mu.Lock()
	l.w.left -= int64(n)
	l.w.mu.Unlock()
	return n, err
}
