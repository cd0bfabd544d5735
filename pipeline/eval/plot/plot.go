// Package plot draws charts as SVG that is read on light and dark grounds, with
// words for those who do not see them. It is pure Go.
package plot

import (
	"fmt"
	"html"
	"strings"
)

// Chart is points over two axes.
type Chart struct {
	Title  string
	Says   string // what there is to see, for those who do not see it
	X, Y   Axis
	Series []Series
}

// Axis goes from Min to Max.
type Axis struct {
	Label    string
	Min, Max float64
	Ticks    []Tick
}

// Tick is a value that is named on an axis.
type Tick struct {
	At   float64
	Text string
}

// Series are points that belong together.
type Series struct {
	Name   string // empty: not in the legend
	Line   bool   // joined
	Guide  bool   // thin and without marks: something to compare with
	Points []Point
}

// Point is a value; Low and High are its interval where they differ.
type Point struct {
	X, Y, Low, High float64
	Text            string // beside it
}

// The picture's size, and where the axes lie in it.
const (
	width, height      = 640, 400
	left, right        = 70, 450
	top, bottom        = 40, 340
	legendX, legendRow = 470, 20
)

// style follows the reader's ground; the colours are Okabe and Ito's (2008), which
// those who see fewer colours tell apart.
const style = `text{font:13px sans-serif;fill:#1f2328}.ground{fill:#fff}.grid{stroke:#d0d7de}.guide{stroke:#6e7781;stroke-dasharray:4 4;fill:none}` +
	`.s0{--c:#0072b2}.s1{--c:#d55e00}.s2{--c:#007a5a}.s3{--c:#a8477f}.s4{--c:#8a6d00}` +
	`.line{stroke:var(--c);fill:none;stroke-width:2}.mark{fill:var(--c)}` +
	`@media (prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#0d1117}.grid{stroke:#30363d}.guide{stroke:#8d96a0}` +
	`.s0{--c:#56b4e9}.s1{--c:#ff9447}.s2{--c:#3fcfa0}.s3{--c:#e39cc7}.s4{--c:#f0e442}}`

// colours is how many there are in style; lines beyond share them.
const colours = 5

// SVG draws the chart.
func (c Chart) SVG() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t d">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", esc(c.Title), esc(c.Says), style)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d"/>`+"\n", width, height)
	text(&b, left, 24, "start", c.Title)
	c.axes(&b)
	row := 0
	for _, s := range c.Series {
		fmt.Fprintf(&b, `<g class="s%d">`+"\n", row%colours)
		c.series(&b, s, row)
		if s.Name != "" {
			y := top + 10 + row*legendRow
			mark(&b, row, legendX, float64(y-4))
			text(&b, legendX+12, float64(y), "start", s.Name)
		}
		b.WriteString("</g>\n")
		if !s.Guide {
			row++
		}
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

func (c Chart) axes(b *strings.Builder) {
	for _, t := range c.X.Ticks {
		x := c.x(t.At)
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %dV%d"/>`+"\n", x, top, bottom)
		text(b, x, bottom+18, "middle", t.Text)
	}
	for _, t := range c.Y.Ticks {
		y := c.y(t.At)
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/>`+"\n", left, y, right)
		text(b, left-8, y+4, "end", t.Text)
	}
	text(b, (left+right)/2, bottom+42, "middle", c.X.Label)
	fmt.Fprintf(b, `<text transform="translate(20 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+bottom)/2, esc(c.Y.Label))
}

func (c Chart) series(b *strings.Builder, s Series, row int) {
	var path strings.Builder
	for i, p := range s.Points {
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], c.x(p.X), c.y(p.Y))
	}
	switch {
	case s.Guide:
		fmt.Fprintf(b, `<path class="guide" d="%s"/>`+"\n", path.String())
		return
	case s.Line:
		fmt.Fprintf(b, `<path class="line" d="%s"/>`+"\n", path.String())
	}
	for _, p := range s.Points {
		if p.Low < p.High {
			fmt.Fprintf(b, `<path class="line" d="M%.1f %.1fV%.1f"/>`+"\n", c.x(p.X), c.y(p.Low), c.y(p.High))
		}
		mark(b, row, c.x(p.X), c.y(p.Y))
		if p.Text != "" {
			text(b, c.x(p.X)+7, c.y(p.Y)-6, "start", p.Text)
		}
	}
}

// mark is of a shape of its own for each series: colour alone tells nothing.
func mark(b *strings.Builder, row int, x, y float64) {
	shapes := []string{"M-4-4h8v8h-8z", "M0-5L5 4H-5z", "M0-5L5 0L0 5L-5 0z", "M-5-2h10v4h-10z", "M0 5L5-4H-5z"}
	fmt.Fprintf(b, `<path class="mark" transform="translate(%.1f %.1f)" d="%s"/>`+"\n", x, y, shapes[row%len(shapes)])
}

func text(b *strings.Builder, x, y float64, anchor, s string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, esc(s))
}

func (c Chart) x(v float64) float64 { return left + share(v, c.X)*(right-left) }
func (c Chart) y(v float64) float64 { return bottom - share(v, c.Y)*(bottom-top) }

// share is how far along an axis a value is; what is beyond lies on its end.
func share(v float64, a Axis) float64 {
	return max(0, min(1, (v-a.Min)/(a.Max-a.Min)))
}

func esc(s string) string { return html.EscapeString(s) }

// Shares is an axis from 0 to 1.
func Shares(label string) Axis { return Even(label, 1, 5, "%.1f") }

// Even is an axis from 0 to a value, with so many ticks beyond 0.
func Even(label string, most float64, ticks int, form string) Axis {
	a := Axis{Label: label, Max: most}
	for i := range ticks + 1 {
		v := most * float64(i) / float64(ticks)
		a.Ticks = append(a.Ticks, Tick{v, fmt.Sprintf(form, v)})
	}
	return a
}

// Named is an axis of things beside each other, at 1, 2, 3….
func Named(label string, names []string) Axis {
	a := Axis{Label: label, Max: float64(len(names) + 1)}
	for i, n := range names {
		a.Ticks = append(a.Ticks, Tick{float64(i + 1), n})
	}
	return a
}
