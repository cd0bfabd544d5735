package label

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Closeness is how near the two are for a stretch: close, apart, touch or
// unknown.
type Closeness struct {
	StartS, EndS float64
	Label        string
}

var closenesses = []string{"close", "apart", "touch", "unknown"}

// Closenesses reads NAME.closeness.csv.
func Closenesses(r io.Reader) ([]Closeness, error) {
	var list []Closeness
	err := stretches(r, closenesses, func(start, end float64, label string) {
		list = append(list, Closeness{start, end, label})
	})
	return list, err
}

// stretches reads a table of start_s,end_s,label,note with one of the labels in
// each row.
func stretches(r io.Reader, labels []string, each func(start, end float64, label string)) error {
	return rows(r, ',', []string{"start_s", "end_s", "label", "note"}, 4, func(row []string) error {
		start, end, err := span(row[0], row[1])
		if err != nil {
			return err
		}
		if !slices.Contains(labels, row[2]) {
			return fmt.Errorf("%w: %q is none of %s", ErrSyntax, row[2], strings.Join(labels, ", "))
		}
		each(start, end, row[2])
		return nil
	})
}
