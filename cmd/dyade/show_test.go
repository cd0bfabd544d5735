package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// firstPicture shows a film in a page of ours and tells what is seen first, and when.
const firstPicture = `new Promise((seen, failed) => {
	const from = performance.now(), v = document.createElement("video");
	let picture, loaded;
	const told = () => picture && loaded && seen({...picture, loaded_ms: loaded, duration: v.duration});
	v.muted = true;
	v.onerror = () => failed(new Error("the player says: " + v.error.message));
	v.onloadeddata = () => { loaded = performance.now() - from; told(); };
	v.requestVideoFrameCallback((_, f) => {
		const c = document.createElement("canvas");
		c.width = v.videoWidth; c.height = v.videoHeight;
		const g = c.getContext("2d");
		g.drawImage(v, 0, 0);
		const at = (x, y) => Array.from(g.getImageData(x * c.width, y * c.height, 1, 1).data).slice(0, 3);
		picture = {ms: performance.now() - from, at: f.mediaTime, width: v.videoWidth, height: v.videoHeight,
			top: at(0.5, 0.1), bottom: at(0.5, 0.9)};
		told();
	});
	document.body.replaceChildren(v);
	v.src = %q;
	v.play();
})`

// anywhere seeks to a time of a film that is there as a whole, and tells of the picture
// shown then.
const anywhere = `new Promise((seen, failed) => {
	const v = document.createElement("video"), log = [];
	v.muted = true;
	v.onerror = () => failed(new Error("the player says: " + v.error.message));
	for (const e of ["loadedmetadata", "loadeddata", "progress", "stalled", "seeking", "seeked"]) v.addEventListener(e, () => log.push(e + " at " + v.currentTime));
	setTimeout(() => failed(new Error("nothing seen: " + log.join(", "))), 60000);
	const look = (_, f) => f.mediaTime > 1 ? seen({at: f.mediaTime, duration: v.duration}) : v.requestVideoFrameCallback(look);
	v.requestVideoFrameCallback(look);
	v.onloadedmetadata = () => { v.currentTime = 4.21; };
	document.body.replaceChildren(v);
	v.src = %q;
})`

type seenFirst struct {
	MS       float64 `json:"ms"`
	LoadedMS float64 `json:"loaded_ms"`
	At       float64 `json:"at"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Duration float64 `json:"duration"`
	Top      []int   `json:"top"`
	Bottom   []int   `json:"bottom"`
}

// page is a page of ours in a browser that may see all.
func (s *served) page() context.Context {
	s.t.Helper()
	ctx := browser.New(s.t)
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	enter := s.url + "/enter?token=" + url.QueryEscape(strings.TrimSpace(string(token)))
	if err := chromedp.Do(ctx, chromedp.Navigate(enter), chromedp.WaitReady("#app")); err != nil {
		s.t.Fatal(err)
	}
	// One that does not load itself anew.
	if err := chromedp.Do(ctx, chromedp.Navigate(s.url+"/style.css")); err != nil {
		s.t.Fatal(err)
	}
	return ctx
}

// TestABrowserShowsAPhonesFilm tells how long a real one takes.
func TestABrowserShowsAPhonesFilm(t *testing.T) {
	film := testenv.Footage(t, "robust", "phone_samsung_motion.mp4")
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	id, ctx := s.submit(film), s.page()
	for _, path := range []string{"/clip?from_ms=1000&to_ms=3000", "/clip?from_ms=500&to_ms=2500", "/clip?from_ms=1500&to_ms=2000"} {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[seenFirst](fmt.Sprintf(firstPicture, "/api/recordings/"+id+path), chromedp.EvalAwaitPromise))
		if err != nil || got.Width != 720 || got.Height != 960 || got.At > 0.05 {
			t.Errorf("%s: it shows %+v, %v", path, got, err)
		}
		t.Logf("%s: the first picture after %.0f ms", path, got.MS)
	}
}

// TestABrowserShowsWhatItCannotPlay: clips and copies of a rotated HEVC film, in the
// page of a server.
func TestABrowserShowsWhatItCannotPlay(t *testing.T) {
	film := filepath.Join(t.TempDir(), "phone.mp4")
	// Lying on its side; upright it is blue above and red below.
	args := "-v error -nostdin -y -f lavfi -i color=red:s=720x1080:r=30:d=6,noise=alls=8:allf=t -f lavfi -i color=blue:s=720x1080:r=30:d=6,noise=alls=8:allf=t " +
		"-f lavfi -i sine=d=6 -filter_complex [0][1]hstack -map 2:a -c:v libx265 -preset ultrafast -x265-params keyint=30:log-level=none -tag:v hvc1 -c:a aac"
	if out, err := exec.Command(testenv.Program(t, "ffmpeg"), append(strings.Fields(args), film+".flat.mp4")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	turn := exec.Command("ffmpeg", "-v", "error", "-i", film+".flat.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", film)
	if out, err := turn.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	id := s.submit(film)
	ctx := s.page()
	for _, path := range []string{"/clip?from_ms=3500&to_ms=5500", "/clip?from_ms=3500&to_ms=5500", "/copy", "/copy"} {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[seenFirst](fmt.Sprintf(firstPicture, "/api/recordings/"+id+path), chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		t.Logf("%s: %+v", path, got)
		if got.Width != 720 || got.Height != 960 || got.At > 0.05 {
			t.Errorf("%s: it shows %+v", path, got)
		}
		if got.Top[2] < 150 || got.Top[0] > 80 || got.Bottom[0] < 150 || got.Bottom[2] > 80 {
			t.Errorf("%s: it is not upright: %+v", path, got)
		}
	}
	if status, _ := s.ask("GET", "/api/recordings/"+id+"/copy", nil); status != http.StatusOK { // until all of it is there
		t.Errorf("a copy: %d", status)
	}
	// Chromium remembers by its address that what grew could not be sought in.
	got, err := chromedp.Run(ctx, chromedp.Evaluate[seenFirst](fmt.Sprintf(anywhere, "/api/recordings/"+id+"/copy?whole"), chromedp.EvalAwaitPromise))
	if err != nil || got.At < 4.19 || got.At > 4.22 || got.Duration < 5.95 || got.Duration > 6.1 {
		t.Errorf("at 4.21 s of a copy it shows %+v, %v", got, err)
	}
	if status, _ := s.ask("GET", "/api/recordings/"+id+"/thumbnail?at_ms=1000&width=320", nil); status != http.StatusOK {
		t.Errorf("a thumbnail: %d", status)
	}
	if status, _ := s.ask("DELETE", "/api/recordings/"+id, nil); status != http.StatusNoContent {
		t.Errorf("deleting it: %d", status)
	}
	left, err := filepath.Glob(filepath.Join(s.data, "shown", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if s.log.holds("phone") || bytes.Contains([]byte(s.log.String()), []byte(`"level":"ERROR"`)) {
		t.Errorf("it says:\n%s", &s.log)
	}
}
