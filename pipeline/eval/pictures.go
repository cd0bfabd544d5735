package eval

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/pipeline"
	"dyade/pipeline/eval/label"
)

// countPictures counts the faces in pictures that carry their number in their
// name.
func countPictures(dir string) ([]Recording, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of labels: %w", err)
	}
	list := []Recording{}
	for _, e := range entries {
		ending := strings.ToLower(filepath.Ext(e.Name()))
		truth, ok := label.Count(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))
		if !ok || !slices.Contains([]string{".jpg", ".jpeg", ".png"}, ending) {
			continue
		}
		n, err := pipeline.CountFaces(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("count the faces in %s: %w", e.Name(), err)
		}
		list = append(list, Recording{
			Name: e.Name(), Frames: 1, Labels: []string{e.Name()},
			Measures: []Measure{measure("picture_face_count", "pictures", 1, 1, one(n == truth))},
			Figures:  []Figure{{"faces_true", float64(truth), "count"}, {"faces_found", float64(n), "count"}},
		})
	}
	return list, nil
}
