package page

import (
	"fmt"

	"dyade/pipeline/eval/report"
)

// worst shows the cases that are most wrong, with their pictures.
func (w *writer) worst(r *report.Report, shots []Shot) {
	if len(r.Worst) == 0 {
		return
	}
	w.line("## The worst cases\n")
	w.line("Of each kind of fault in turn the worst, one from a recording. They are of made recordings only.\n")
	var rows [][]string
	for i, c := range r.Worst {
		picture := "no picture"
		if i < len(shots) && len(shots[i]) > 0 {
			file := fmt.Sprintf("worst-%02d.jpg", i+1)
			w.files = append(w.files, File{file, shots[i]})
			picture = fmt.Sprintf("![%s at %.1f s](%s/%s)", c.Recording, c.AtS, w.dir, file)
		}
		rows = append(rows, []string{picture, fmt.Sprintf("%s at %.1f s. True: %s; found: %s.", c.Recording, c.AtS, c.True, c.Found)})
	}
	w.table([]string{"picture", "case"}, rows)
}
