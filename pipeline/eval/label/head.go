package label

import (
	"fmt"
	"io"
	"path/filepath"

	"dyade/annotate"
)

// HeadsFile is the table of a folder of stills.
const HeadsFile = "stills.heads.csv"

// Head is one head in a still picture; one that is not visible is nobody.
type Head struct {
	File     string       // in the table's folder
	Box      annotate.Box // pixels of the picture
	Pose     annotate.Pose
	Identity string
	Visible  bool
}

var headColumns = []string{"file", "x", "y", "w", "h", "yaw", "pitch", "roll", "identity", "luma", "blur_px", "noise", "visible"}

// Heads reads stills.heads.csv.
func Heads(r io.Reader) ([]Head, error) {
	var list []Head
	err := rows(r, ',', headColumns, len(headColumns), func(row []string) error {
		var v [13]float64
		for i, field := range row {
			if name := headColumns[i]; name == "file" || name == "identity" {
				continue
			}
			n, err := number(field)
			if err != nil {
				return fmt.Errorf("%s: %w", headColumns[i], err)
			}
			v[i] = n
		}
		if !filepath.IsLocal(row[0]) {
			return fmt.Errorf("%w: %q is no file in this folder", ErrSyntax, row[0])
		}
		list = append(list, Head{
			File: row[0], Box: annotate.Box{X: v[1], Y: v[2], W: v[3], H: v[4]},
			Pose: annotate.Pose{Yaw: v[5], Pitch: v[6], Roll: v[7]}, Identity: row[8], Visible: v[12] != 0,
		})
		return nil
	})
	return list, err
}
