// Package page writes what an evaluation found as a page for developers, in
// Markdown with pictures beside it. It is pure Go, and the same report gives the
// same bytes.
package page

import (
	"fmt"
	"strings"

	"dyade/pipeline/eval/plot"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// File is one of the page's pictures.
type File struct {
	Name string // without folder
	Data []byte
}

// Shot is the picture of one of the worst cases, a JPEG; empty: there is none.
type Shot []byte

// writer is a page being written.
type writer struct {
	strings.Builder
	dir   string // of its pictures, as it links to them
	files []File
}

// Make writes the page; dir is where it finds its pictures. Shots are of the
// report's worst cases, in their order.
func Make(r *report.Report, shots []Shot, dir string) (markdown []byte, files []File) {
	w := &writer{dir: dir}
	w.line("# Quality\n")
	how := "as it is shipped"
	if !r.AsShipped {
		how = "where it looks at every picture and takes no shortcut, as an analysis does not"
	}
	w.linef("What dyade finds, beside what is true, %s. `make eval` writes this page, `dyade eval --report` one of any labels; what each figure counts is in [formats](formats.md#dyade-eval---json).\n", how)
	if len(r.Unmatched) > 0 {
		w.linef("**Left out**, as no recording of their name was found: %s.\n", strings.Join(r.Unmatched, ", "))
	}
	w.nothing(r)
	w.asked(r)
	w.moments(r)
	w.faces(r)
	w.all(r)
	w.tags(r)
	w.shortcuts(r)
	w.others(r)
	w.worst(r, shots)
	w.limits(r)
	return []byte(strings.TrimRight(w.String(), "\n") + "\n"), w.files
}

func (w *writer) line(s string) { w.WriteString(s + "\n") }

func (w *writer) linef(form string, args ...any) { w.line(fmt.Sprintf(form, args...)) }

// table writes a head and rows, and an empty line.
func (w *writer) table(head []string, rows [][]string) {
	w.line("| " + strings.Join(head, " | ") + " |")
	w.line("|" + strings.Repeat("---|", len(head)))
	for _, r := range rows {
		w.line("| " + strings.Join(r, " | ") + " |")
	}
	w.line("")
}

// chart adds a picture and links to it, with what it shows as words.
func (w *writer) chart(name string, c plot.Chart) {
	w.files = append(w.files, File{name + ".svg", c.SVG()})
	w.linef("![%s](%s/%s.svg)\n", c.Title+": "+c.Says, w.dir, name)
}

// nothing says first what must not be.
func (w *writer) nothing(r *report.Report) {
	for _, f := range r.Figures {
		if f.Name != "nothing_proposed" {
			continue
		}
		var on []string
		for _, x := range r.Recordings {
			if n, ok := find(x.Figures, f.Name, ""); ok && n.Value > 0 {
				on = append(on, fmt.Sprintf("%s (%g)", x.Name, n.Value))
			}
		}
		if len(on) == 0 {
			w.line("**Nothing was proposed on recordings with nothing to show.**\n")
		} else {
			w.linef("**Proposed on recordings with nothing to show: %g**, on %s.\n", f.Value, strings.Join(on, ", "))
		}
	}
}

func find(list []tally.Figure, name, of string) (tally.Figure, bool) {
	for _, f := range list {
		if f.Name == name && f.Of == of {
			return f, true
		}
	}
	return tally.Figure{}, false
}

// asked lists what is asked and whether it is reached.
func (w *writer) asked(r *report.Report) {
	w.line("## Asked\n")
	var rows [][]string
	n := 0
	for _, a := range r.Asked {
		value, reached := "not measured", "**no**"
		if a.Value != nil {
			value = number(*a.Value)
		}
		if a.Reached {
			reached = "yes"
			n++
		}
		rows = append(rows, []string{a.Says + taggedAs(a.Tag), value, interval(a.Interval), limit(a.Asked), reached, fmt.Sprint(a.N)})
	}
	films, stills := 0, 0
	for _, x := range r.Counted() {
		if x.Media != "" {
			films++
		} else {
			stills += x.Frames
		}
	}
	w.linef("%d of %d are reached, by dyade %s on %d recordings and %d stills.\n", n, len(r.Asked), r.Dyade, films, stills)
	w.table([]string{"figure", "measured", "95 % interval", "asked", "reached", "n"}, rows)
}

func taggedAs(tag string) string {
	if tag == "" {
		return ""
	}
	return " (`" + tag + "`)"
}

func limit(a report.Asked) string {
	unit := ""
	if a.Unit != "share" && a.Unit != "count" && a.Unit != "" {
		unit = " " + a.Unit
	}
	if a.Most != nil {
		return "at most " + number(*a.Most) + unit
	}
	return "at least " + number(*a.Least) + unit
}

// number keeps what is worth reading.
func number(v float64) string {
	s := fmt.Sprintf("%.3f", v)
	if v >= 10 || v <= -10 {
		s = fmt.Sprintf("%.1f", v)
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func interval(i *tally.Interval) string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf("%s to %s, %d %s", number(i.Low), number(i.High), i.N, i.By)
}
