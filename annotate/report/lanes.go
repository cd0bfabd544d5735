package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// maxPoints bounds what is drawn of a lane, however long the recording.
const maxPoints = 1200

// lane is one row of the overview, in parts of the recording's length.
type lane struct {
	Class   string // of its colour and form
	Label   string
	Figure  string // the row in one figure
	Says    string // the row in words, for those who do not see it
	Hint    string // how to read its height
	Height  int    // pixels
	Unknown []bar
	Bars    []bar
	Line    string // path in a box of maxPoints × 100; empty: none
	Area    string // the same, closed to the ground
}

// bar is a stretch of a lane; X and W are percentages of its width.
type bar struct {
	X, W      string
	Y, H      int // pixels
	Class     string
	Href      string
	Text      string // what it is, for a pointer and a screen reader
	Rank      int    // 0: not numbered
	Number    string // class of the number's place: in the bar, beside it, empty: none
	TX        string
	TY        int
	startedAt float64
}

// tick is a mark of the time axis.
type tick struct {
	X, Text, Anchor string
	Minor           bool // left out where there is little room
}

// The rows that come from signals, in their order on the page.
var signalRows = []struct {
	name string
	form func(l i18n.Lang, s sampled, row *lane)
}{
	{"lane_parent_seen", drawSeen},
	{"lane_child_seen", drawSeen},
	{"lane_facing", drawFacing},
	{"lane_closeness", drawLevel},
	{"lane_motion", drawLevel},
}

func lanes(in Input) []lane {
	l, a := in.Lang, in.Analysis
	var out []lane
	for _, r := range signalRows {
		signal := annotate.Lane{Name: r.name}
		if i := slices.IndexFunc(in.Lanes, func(x annotate.Lane) bool { return x.Name == r.name }); i >= 0 {
			signal = in.Lanes[i]
		}
		row := lane{Class: strings.TrimPrefix(r.name, "lane_"), Label: i18n.T(l, r.name), Height: 26}
		s := sample(signal, a.Recording.DurationS)
		row.Unknown = s.unknown(r.name == "lane_parent_seen" || r.name == "lane_child_seen")
		r.form(l, s, &row)
		out = append(out, row)
		if r.name == "lane_closeness" {
			out = append(out, voices(l, a)...)
		}
	}
	return append(out, momentsRow(l, a))
}

// sampled is a lane brought to at most maxPoints steps over the recording.
type sampled struct {
	mean, peak []float64
	known      []bool
	// Of the lane as it came: shares of the recording's length.
	onShare, unknownShare float64
}

// sample brings a signal to the width of the page. A step is known where at
// least half of its values are; what lies beyond the signal's end is unknown.
func sample(l annotate.Lane, duration float64) sampled {
	n := maxPoints
	step := 0.0
	if l.Step.Valid() {
		step = float64(l.Step.Num) / float64(l.Step.Den)
		n = int(min(max(duration/step, 1), maxPoints))
	}
	s := sampled{mean: make([]float64, n), peak: make([]float64, n), known: make([]bool, n)}
	size := min(len(l.Values), len(l.Known))
	on, known := 0, 0
	for i := range n {
		from, to := 0, 0
		if step > 0 {
			from = min(int(float64(i)*duration/float64(n)/step+0.5), size)
			to = min(max(int(float64(i+1)*duration/float64(n)/step+0.5), from+1), size)
		}
		sum, got := 0.0, 0
		for j := from; j < to; j++ {
			if !l.Known[j] {
				continue
			}
			v := share(l.Values[j])
			sum, got = sum+v, got+1
			s.peak[i] = max(s.peak[i], v)
			if v >= 0.5 {
				on++
			}
		}
		known += got
		if got > 0 && 2*got >= to-from {
			s.mean[i], s.known[i] = sum/float64(got), true
		}
	}
	if duration > 0 {
		s.onShare = share(float64(on) * step / duration)
		s.unknownShare = share(1 - float64(known)*step/duration)
	}
	return s
}

// unknown lists the hatched stretches. Where a face is meant, one that was not
// seen is unknown too: it may be there, turned away or hidden.
func (s sampled) unknown(face bool) []bar {
	return placed(s.runs(func(i int) bool { return !s.known[i] || face && s.mean[i] < 0.5 }), 4, 18)
}

// runs lists the stretches of steps for which is holds.
func (s sampled) runs(is func(int) bool) []bar {
	var out []bar
	n := len(s.mean)
	for from := 0; from < n; from++ {
		if !is(from) {
			continue
		}
		to := from + 1
		for to < n && is(to) {
			to++
		}
		out = append(out, bar{X: percent(float64(from) / float64(n)), W: percent(float64(to-from) / float64(n))})
		from = to
	}
	return out
}

// placed gives every bar its top and height.
func placed(bars []bar, y, h int) []bar {
	for i := range bars {
		bars[i].Y, bars[i].H = y, h
	}
	return bars
}

func drawSeen(l i18n.Lang, s sampled, row *lane) {
	row.Bars = placed(s.runs(func(i int) bool { return s.known[i] && s.mean[i] >= 0.5 }), 7, 12)
	row.Unknown = placed(row.Unknown, 7, 12)
	row.Figure = i18n.T(l, "lane_figure_seen", i18n.Percent(l, s.onShare))
	if s.unknownShare >= 1 {
		row.Figure = i18n.T(l, "lane_figure_unknown")
	}
	row.Says = i18n.T(l, "lane_says", row.Label, row.Figure)
}

// drawFacing keeps the shortest stretch visible, where a step of the page is
// longer than it.
func drawFacing(l i18n.Lang, s sampled, row *lane) {
	row.Bars = placed(s.runs(func(i int) bool { return s.peak[i] >= 0.5 }), 4, 18)
	row.Figure = i18n.Percent(l, s.onShare)
	if s.unknownShare >= 1 {
		row.Figure = i18n.T(l, "lane_figure_unknown")
	}
	row.Says = i18n.T(l, "lane_says_unknown", row.Label, row.Figure, i18n.Percent(l, s.unknownShare))
}

func drawLevel(l i18n.Lang, s sampled, row *lane) {
	row.Line, row.Area = s.paths()
	if row.Class == "motion" {
		row.Line = "" // its area says it
	}
	row.Hint = i18n.T(l, "lane_scale_"+row.Class)
	row.Says = i18n.T(l, "lane_says_unknown", row.Label, row.Hint, i18n.Percent(l, s.unknownShare))
	if s.unknownShare >= 1 {
		row.Figure = i18n.T(l, "lane_figure_unknown")
	}
}

// paths draws the known steps as a line and as the area under it, broken where
// nothing is known, in a box maxPoints wide and 100 high.
func (s sampled) paths() (line, area string) {
	var ls, as strings.Builder
	n := len(s.mean)
	x := func(i int) float64 { return float64(i) * maxPoints / float64(n) }
	for from := 0; from < n; from++ {
		if !s.known[from] {
			continue
		}
		to := from
		fmt.Fprintf(&as, "M%.1f 100", x(from))
		command := 'M'
		for ; to < n && s.known[to]; to++ {
			y := 94 - 88*s.mean[to]
			fmt.Fprintf(&ls, "%c%.1f %.1f", command, x(to), y)
			fmt.Fprintf(&as, "L%.1f %.1f", x(to), y)
			command = 'L'
		}
		y := 94 - 88*s.mean[to-1]
		fmt.Fprintf(&ls, "L%.1f %.1f", x(to), y)
		fmt.Fprintf(&as, "L%.1f %.1fL%.1f 100Z", x(to), y, x(to))
		from = to
	}
	return ls.String(), as.String()
}

// momentsRow draws the moments, those that overlap one above the other; what
// does not fit in four levels shares the last.
func momentsRow(l i18n.Lang, a *annotate.Analysis) lane {
	const high, gap, levels = 16, 3, 4
	row := lane{Class: "moments", Label: i18n.T(l, "lane_moments"), Figure: i18n.Count(l, len(a.Moments))}
	for i, m := range a.Moments {
		row.Bars = append(row.Bars, bar{
			Href: fmt.Sprintf("#moment-%d", i+1), Rank: i + 1, Class: shade(m.Score), startedAt: m.StartS,
			Text: i18n.T(l, "moment_label", i+1, KindName(l, m.Kind), i18n.Clock(m.StartS), i18n.Clock(m.EndS)),
		})
	}
	slices.SortStableFunc(row.Bars, func(x, y bar) int { return cmp.Compare(x.startedAt, y.startedAt) })
	var ends []float64 // of each level, where the next bar may start
	for i := range row.Bars {
		b := &row.Bars[i]
		m := a.Moments[b.Rank-1]
		end := b.place(m, a.Recording.DurationS, len(a.Moments))
		x := share(m.StartS / a.Recording.DurationS)
		level := slices.IndexFunc(ends, func(e float64) bool { return e <= x })
		switch {
		case level < 0 && len(ends) < levels:
			ends, level = append(ends, 0), len(ends)
		case level < 0:
			level, b.Number = levels-1, ""
		}
		ends[level] = max(ends[level], end)
		b.Y, b.H, b.TY = 4+level*(high+gap), high, 4+level*(high+gap)+high-4
	}
	row.Height = 8 + max(len(ends), 1)*(high+gap) - gap
	return row
}

// place sets where b stands in the row and where its number goes, and gives
// the share of the row at which its level is free again.
func (b *bar) place(m annotate.Moment, duration float64, of int) float64 {
	const narrowest, roomy, number = 0.006, 0.024, 0.026
	x := share(m.StartS / duration)
	w := max(share(m.EndS/duration)-x, narrowest)
	x = min(x, 1-w)
	b.X, b.W = percent(x), percent(w)
	switch {
	case w >= roomy:
		b.Number, b.TX = "in", percent(x+w/2)
	case of <= 30 && x+w+number <= 1:
		b.Number, b.TX = "beside", percent(x+w+0.004)
		return x + w + number
	}
	return x + w
}

// shade is the class of a score's tint: s1 faint to s3 full.
func shade(score float64) string {
	switch {
	case score >= 0.75:
		return "s3"
	case score >= 0.5:
		return "s2"
	}
	return "s1"
}

// tickSteps are lengths, in seconds, that people count in.
var tickSteps = []int{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000}

// ticks marks the time axis at eight places or fewer.
func ticks(duration float64) []tick {
	step := tickSteps[len(tickSteps)-1]
	for _, s := range tickSteps {
		if duration/float64(s) < 8 {
			step = s
			break
		}
	}
	var out []tick
	for i := 0; float64(i*step) <= duration && i < 1000; i++ {
		x := float64(i*step) / duration
		t := tick{X: percent(x), Text: i18n.Clock(float64(i * step)), Anchor: "middle", Minor: i%2 == 1}
		if i == 0 {
			t.Anchor = "start"
		}
		out = append(out, t)
	}
	return out
}
