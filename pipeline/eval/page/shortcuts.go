package page

import (
	"slices"

	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// without are the analyses that take all shortcuts, and all but one.
var without = []struct{ of, says string }{
	{"", "all, as shipped"},
	{"without few_pictures", "all but that few pictures are looked at"},
	{"without fast_decoding", "all but decoding without deblocking"},
	{"without small_pictures", "all but pictures as small as the faces allow"},
	{"without known_places", "all but looking only where faces were"},
}

// shortcuts shows what being fast costs on the recordings that were chosen for it.
func (w *writer) shortcuts(r *report.Report) {
	var rows [][]string
	for _, x := range r.Recordings {
		for _, v := range without {
			faces, ok := kept(x.Measures, "faces_kept", v.of)
			if moments, also := kept(x.Measures, "moments_kept", v.of); ok && also {
				rows = append(rows, []string{x.Name, v.says, with(faces.Recall, faces.Intervals.Recall), with(moments.F1, moments.Intervals.F1)})
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	w.line("## What shortcuts cost\n")
	w.line("Of the faces of 16 to 64 pixels that are found in the pictures of an analysis without shortcuts, the share that is found with them; and how the moments agree with those of a film looked at evenly, five times a second, exactly and whole. One shortcut costs what is kept more without it.\n")
	w.table([]string{"recording", "shortcuts taken", "faces kept", "moments, F1"}, rows)
}

func kept(list []tally.Measure, name, of string) (m tally.Measure, ok bool) {
	i := slices.IndexFunc(list, func(m tally.Measure) bool { return m.Name == name && m.Of == of })
	if i < 0 {
		return m, false
	}
	return list[i], true
}
