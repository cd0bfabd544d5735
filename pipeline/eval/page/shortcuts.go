package page

import (
	"slices"

	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// shortcuts shows what being fast costs on the recordings that were chosen for it.
func (w *writer) shortcuts(r *report.Report) {
	var rows [][]string
	for _, x := range r.Recordings {
		faces, ok := kept(x.Measures, "faces_kept")
		if moments, also := kept(x.Measures, "moments_kept"); ok && also {
			rows = append(rows, []string{x.Name, with(faces.Recall, faces.Intervals.Recall), with(moments.F1, moments.Intervals.F1)})
		}
	}
	if len(rows) == 0 {
		return
	}
	w.line("## What shortcuts cost\n")
	w.line("Of the faces of 16 to 64 pixels that are found in the same pictures without shortcuts, the share that is found with them; and how the moments agree with those of a film looked at evenly, exactly and whole.\n")
	w.table([]string{"recording", "faces kept", "moments, F1"}, rows)
}

func kept(list []tally.Measure, name string) (m tally.Measure, ok bool) {
	i := slices.IndexFunc(list, func(m tally.Measure) bool { return m.Name == name })
	if i < 0 {
		return m, false
	}
	return list[i], true
}
