package perf

import (
	"fmt"
	"html"
	"strings"

	"dyade/internal/bench"
)

// plotFile is the plot's name in docs/images.
const plotFile = "performance.svg"

// Sizes of the plot, in pixels.
const (
	plotWidth  = 860
	labelWidth = 250
	barHeight  = 14
	barStep    = 19
	titleStep  = 34
	topMargin  = 24
	widest     = 1.6 // ratio at the right edge; what is longer is cut there, with its figure
)

// plot draws, film by film, how long each program takes to ffmpeg decoding all
// of it; "" where nothing was measured.
func plot(found results) string {
	var body strings.Builder
	y := topMargin
	for _, m := range measurements {
		r := found[m.name]
		if r == nil || m.analyzes() && m.film != "p600" && m.film != "b600" {
			continue
		}
		f, _ := filmNamed(m.film)
		title := f.about
		if m.about != "" {
			title += ", " + m.about
		}
		y += titleStep - barStep
		fmt.Fprintf(&body, "<text x=\"8\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y, html.EscapeString(title))
		y += barStep - barHeight
		for _, row := range r.Rows {
			if row.Ratio != nil && row.Work != bench.Index {
				drawBar(&body, y, row)
				y += barStep
			}
		}
		y += barStep / 2
	}
	if y == topMargin {
		return ""
	}
	var all strings.Builder
	fmt.Fprintf(&all, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n", plotWidth, y+8)
	fmt.Fprintf(&all, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", plotWidth, y+8)
	for _, tick := range []float64{0, 0.5, 1, 1.5} {
		fmt.Fprintf(&all, "<path d=\"M%.1f %dV%d\" stroke=\"%s\"/><text x=\"%.1f\" y=\"14\" text-anchor=\"middle\">%g ×</text>\n",
			across(tick), topMargin-4, y, map[bool]string{true: "#444", false: "#ccc"}[tick == 1], across(tick), tick)
	}
	return all.String() + body.String() + "</svg>\n"
}

// across is where a ratio lies from left to right.
func across(ratio float64) float64 {
	return labelWidth + min(ratio, widest)/widest*(plotWidth-labelWidth-60)
}

func drawBar(b *strings.Builder, y int, row bench.Row) {
	colour := "#9aa5b1"
	if row.Tool == bench.Dyade {
		colour = "#0b7a75"
	}
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", labelWidth-8, y+barHeight-3,
		html.EscapeString(works[row.Work]+", "+string(row.Tool)))
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>", labelWidth, y, across(*row.Ratio)-labelWidth, barHeight, colour)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n", across(*row.Ratio)+4, y+barHeight-3, *row.Ratio)
	if row.FirstS != nil && row.Seconds != nil && *row.Seconds > 0 {
		at := across(*row.Ratio * *row.FirstS / *row.Seconds)
		fmt.Fprintf(b, "<path d=\"M%.1f %dv%d\" stroke=\"#fff\" stroke-width=\"2\"><title>first ranked moments</title></path>\n", at, y, barHeight)
	}
}
