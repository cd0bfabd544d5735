package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dyade/internal/testenv/browser"
)

// hostile is a page that tries all that a page can to read or change what another
// server of the same machine has, in the browser of one who may.
const hostile = `<!doctype html><title>cats</title>
<iframe id="frame" src="%[1]s/"></iframe>
<img id="picture" src="%[1]s/api/recordings/%[2]s/files/thumb.jpg">
<script>var leaked = []; window.onerror = () => true</script>
<script src="%[1]s/api/recordings"></script>
<link rel="stylesheet" href="%[1]s/api/recordings">
<form id="form" method="post" enctype="text/plain" target="sink" action="%[1]s/api/uploads/"><input name="x" value="y"></form>
<form id="cancel" method="post" target="sink" action="%[1]s/api/recordings/%[2]s/cancel"></form>
<iframe name="sink" id="sink"></iframe>
<script>
const soon = p => Promise.race([p, new Promise(r => setTimeout(r, 1000))]); // what is done without an answer
var result = (async () => {
	const paths = ["/", "/api/recordings", "/api/recordings/%[2]s", "/api/backup", "/api/realm", "/api/status", "/api/events", "/metrics", "/api/openapi.yaml", "/api/recordings/%[2]s/moments"];
	for (const path of paths)
		for (const mode of ["cors", "no-cors"])
			for (const credentials of ["include", "omit"])
				try {
					const text = await (await fetch("%[1]s" + path, {mode, credentials})).text();
					if (text) leaked.push(mode + " " + path + ": " + text);
				} catch {}
	for (const [method, path] of [["DELETE", "/api/recordings/%[2]s"], ["POST", "/api/recordings/%[2]s/cancel"], ["POST", "/api/uploads/"], ["POST", "/api/recordings/%[2]s/retry"]])
		for (const mode of ["cors", "no-cors"])
			for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"])
				try { await fetch("%[1]s" + path, {method, mode, credentials: "include", headers: {"Content-Type": type}, body: method == "DELETE" ? undefined : "planted"}); } catch {}
	navigator.sendBeacon("%[1]s/api/recordings/%[2]s/cancel", "");
	for (const id of ["form", "cancel"]) {
		const done = new Promise(r => document.getElementById("sink").addEventListener("load", r, {once: true}));
		document.getElementById(id).submit();
		await soon(done);
	}
	await soon(new Promise(r => { const s = new EventSource("%[1]s/api/recordings/%[2]s/events", {withCredentials: true}); s.onmessage = e => { leaked.push("events: " + e.data); r() }; s.addEventListener("recording", e => { leaked.push("events: " + e.data); r() }); s.onerror = r; }));
	for (const id of ["frame", "sink"])
		try { const d = document.getElementById(id).contentDocument; if (d && d.body.innerText) leaked.push("frame: " + d.body.innerText); } catch {}
	if (document.getElementById("picture").naturalWidth) leaked.push("picture");
	const other = window.open("%[1]s/");
	try { if (other && other.document.body.innerText) leaked.push("window: " + other.document.body.innerText); } catch {}
	return leaked;
})();
</script>`

// TestAHostilePageIsPowerless: it is shown by another server of the same machine,
// which browsers take for the same site, or of a name made to lead here, while the
// browser has our cookie.
func TestAHostilePageIsPowerless(t *testing.T) {
	d := open(t)
	x := d.film("secret.mp4", "a film")
	var asked []string
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, hostile, d.url, x.ID)
	}))
	t.Cleanup(evil.Close)
	ctx := browser.New(t)
	enter := d.url + "/enter?token=" + url.QueryEscape(token)
	err := chromedp.Do(ctx, chromedp.Navigate(enter), chromedp.WaitReady("#app"), chromedp.Navigate(d.url+"/service"), chromedp.WaitVisible("#recordings tr"))
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := chromedp.Run(ctx, chromedp.Text("#recordings")); err != nil || !strings.Contains(seen, "secret.mp4") {
		t.Fatalf("the one who may sees %q, %v", seen, err)
	}
	for _, from := range []string{evil.URL, strings.Replace(evil.URL, "127.0.0.1", "localhost", 1)} {
		if err := chromedp.Do(ctx, chromedp.Navigate(from)); err != nil {
			t.Fatal(err)
		}
		leaked, err := chromedp.Run(ctx, chromedp.Evaluate[[]string]("result", chromedp.EvalAwaitPromise))
		if err != nil || len(leaked) > 0 {
			t.Errorf("%s learns %q, %v", from, leaked, err)
		}
	}
	all, err := d.store.Recordings(context.Background())
	if err != nil || len(all) != 1 || all[0].State != "working" {
		t.Errorf("there is %+v, %v", all, err)
	}
	if len(asked) == 0 {
		t.Error("nobody saw the page")
	}
	// The one who may still does.
	if err := chromedp.Do(ctx, chromedp.Navigate(d.url+"/service"), chromedp.WaitVisible("#recordings tr")); err != nil {
		t.Error(err)
	}
}

// TestThePageShowsTheWork as it goes on, and lets it be stopped, through the API.
func TestThePageShowsTheWork(t *testing.T) {
	d := open(t)
	d.analysed(map[string][]byte{"report.html": []byte("<title>Les moments</title>")})
	x := d.film("Jeu <b>du matin.mp4", "another film")
	ctx := browser.New(t)
	err := chromedp.Do(ctx, chromedp.Navigate(d.url+"/enter?token="+url.QueryEscape(token)), chromedp.WaitReady("#app"),
		chromedp.Navigate(d.url+"/service?lang=en"), chromedp.WaitVisible("#recordings tr[data-id='"+x.ID+"'] progress"))
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := chromedp.Run(ctx, chromedp.Text("#recordings")); err != nil || !strings.Contains(seen, "Jeu <b>du matin.mp4") {
		t.Errorf("it shows %q, %v", seen, err)
	}
	picture(ctx, t, "work")
	// What is done to it is seen without asking again.
	cancel, retry := "#recordings [aria-label^='Cancel']", "#recordings [aria-label^='Start again']"
	if err := chromedp.Do(ctx, chromedp.Click(cancel), chromedp.WaitVisible(retry), chromedp.Click(retry), chromedp.WaitVisible(cancel)); err != nil {
		t.Error(err)
	}
	if a := d.ask("DELETE", "/api/recordings/"+x.ID, nil); a.status != 204 {
		t.Error(a)
	}
	if err := chromedp.Do(ctx, chromedp.WaitNotPresent("tr[data-id='"+x.ID+"']")); err != nil {
		t.Error(err)
	}
	for id, want := range map[string]string{"#done": "1", "#working": "0", "#crew": "1 of 2 workers busy.", "#versions": "dyade 0"} {
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](fmt.Sprintf("document.querySelector(%q).textContent == %q", id, want))); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// picture keeps what a page looks like, for people, where DYADE_SCREENS names a folder.
func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("DYADE_SCREENS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}
