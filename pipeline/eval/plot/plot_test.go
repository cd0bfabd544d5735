package plot_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"dyade/pipeline/eval/plot"
)

func chart() plot.Chart {
	return plot.Chart{
		Title: "Recall < by width", Says: "one & two", X: plot.Named("width", []string{"<16", "16-20"}), Y: plot.Shares("recall"),
		Series: []plot.Series{
			{Guide: true, Points: []plot.Point{{X: 0, Y: 0}, {X: 3, Y: 1}}},
			{Name: "a", Line: true, Points: []plot.Point{{X: 1, Y: 0.5, Low: 0.4, High: 0.7, Text: "n 3"}, {X: 2, Y: 2}}},
			{Name: "b", Points: []plot.Point{{X: 1, Y: 0}}},
		},
	}
}

func TestAChartIsWellFormedAndTold(t *testing.T) {
	svg := string(chart().SVG())
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		`<title id="t">Recall &lt; by width</title>`, `<desc id="d">one &amp; two</desc>`, `role="img"`, "prefers-color-scheme:dark",
		`M196.7 190.0L323.3 40.0`, // at a third and two thirds of the width; 2 lies on the axis' end
		`M196.7 220.0V130.0`,      // the interval
		`class="guide"`, `>n 3</text>`, `>b</text>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
	if svg != string(chart().SVG()) {
		t.Error("it is another one the second time")
	}
}
