package reel_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"dyade/annotate"
	"dyade/internal/testenv/browser"
	"dyade/pipeline/reel"
)

// page shows a film, and tells the mark of what is on the screen.
const page = `<!DOCTYPE html><video id=v src=reel.mp4 muted preload=auto></video><canvas id=c width=192 height=96></canvas><script>
const v = document.getElementById('v'), x = document.getElementById('c').getContext('2d', {willReadFrequently: true});
function mark() {
	x.drawImage(v, 0, 0, 192, 96);
	const d = x.getImageData(0, 0, 192, 96).data;
	let n = 0;
	for (let c = 0; c < 12; c++) {
		let above = 0, below = 0;
		for (let y = 12; y < 36; y++) for (let k = c * 16 + 5; k < c * 16 + 11; k++) {
			above += d[4 * (y * 192 + k)];
			below += d[4 * ((y + 48) * 192 + k)];
		}
		if (above > below) n |= 1 << c;
	}
	return n;
}
function once(what) { return new Promise((good, bad) => {
	v.addEventListener(what, good, {once: true});
	v.addEventListener('error', () => bad(new Error(v.error.message)), {once: true});
}); }
// seek gives the picture that is on the screen at each time, once it is there: a browser
// with much to do draws it some frames after it says that it went there.
async function seek(times, wanted) {
	if (v.readyState < 2) await once('loadeddata');
	const marks = [];
	for (const [i, t] of times.entries()) {
		const there = once('seeked');
		v.currentTime = t;
		await there;
		for (let n = 0; n < 120 && mark() !== wanted[i]; n++) await new Promise(requestAnimationFrame);
		marks.push(mark());
	}
	return marks;
}
async function play(rate) {
	const seen = [];
	const there = once('seeked');
	v.currentTime = 0;
	v.playbackRate = rate;
	await there;
	const look = (now, what) => { seen.push([what.mediaTime, mark()]); v.requestVideoFrameCallback(look); };
	v.requestVideoFrameCallback(look);
	const over = once('ended');
	await v.play();
	await over;
	return seen;
}
</script>`

// TestChromiumShowsEveryPicture: what was copied and what was coded anew plays as one
// film, wherever one seeks to, and in one go.
func TestChromiumShowsEveryPicture(t *testing.T) {
	var p planned
	for _, c := range []struct {
		film        string
		first, last int
	}{{"b.mp4", 30, 110}, {"p.mp4", 11, 40}, {"b.mkv", 40, 130}, {"b.mp4", 200, 230}} {
		p.add(t, c.film, c.first, c.last)
	}
	out, told := render(t, annotate.Reel{Parts: p.parts}, reel.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/reel.mp4" {
			http.ServeFile(w, r, out)
			return
		}
		fmt.Fprint(w, page)
	}))
	defer server.Close()
	joints := map[int]bool{}
	for _, r := range told.Ranges {
		joints[r.First] = true
	}
	if len(joints) < 6 {
		t.Errorf("there are few joints: %+v", told.Ranges)
	}
	at := slices.Concat(p.at, []float64{p.length})
	var wanted []int
	var asked []float64
	for k := range p.numbers {
		if joints[k] || joints[k+1] || joints[k+2] || k%17 == 0 || k == len(p.numbers)-1 {
			wanted, asked = append(wanted, k), append(asked, (at[k]+at[k+1])/2)
		}
	}
	tab := browser.New(t)
	if _, err := chromedp.Run(tab, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	var numbers []float64
	for _, k := range wanted {
		numbers = append(numbers, float64(p.numbers[k]))
	}
	marks, err := chromedp.Run(tab, chromedp.Evaluate[[]int](fmt.Sprintf("seek(%s, %s)", list(asked), list(numbers)), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[2]float64]bool{}
	for _, rate := range []float64{1, 0.5, 0.25} { // slower where the machine has much to do
		some, err := chromedp.Run(tab, chromedp.Evaluate[[][2]float64](fmt.Sprintf("play(%g)", rate), chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range some {
			seen[s] = true
		}
		if len(seen) > len(p.numbers)/2 {
			break
		}
	}
	for i, k := range wanted {
		if marks[i] != p.numbers[k] {
			t.Errorf("at %.3f s picture %d is shown, want %d", asked[i], marks[i], p.numbers[k])
		}
	}
	if len(seen) <= len(p.numbers)/2 {
		t.Errorf("%d pictures of %d were seen while it played", len(seen), len(p.numbers))
	}
	for s := range seen {
		k := 0
		for k+1 < len(p.numbers) && math.Abs(p.at[k+1]-s[0]) < math.Abs(p.at[k]-s[0]) {
			k++
		}
		// The next ones may be on the screen before this one is looked at.
		if !slices.Contains(p.numbers[k:min(k+3, len(p.numbers))], int(s[1])) {
			t.Errorf("while it played, at %.3f s, picture %d was shown, want %d", s[0], int(s[1]), p.numbers[k])
		}
	}
}

// list is numbers as a page takes them.
func list(all []float64) string {
	s := "["
	for _, v := range all {
		s += fmt.Sprintf("%.6f,", v)
	}
	return s + "]"
}
