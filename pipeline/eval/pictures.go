package eval

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/pipeline"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// countPictures are the jobs of pictures that carry their number of faces in their
// name.
func countPictures(dir string) (jobs []job, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of labels: %w", err)
	}
	for _, e := range entries {
		ending := strings.ToLower(filepath.Ext(e.Name()))
		truth, ok := label.Count(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())))
		if ok && slices.Contains([]string{".jpg", ".jpeg", ".png"}, ending) {
			jobs = append(jobs, job{e.Name(), func(context.Context, int) (*report.Recording, error) {
				return countPicture(filepath.Join(dir, e.Name()), truth)
			}})
		}
	}
	return jobs, nil
}

func countPicture(path string, truth int) (*report.Recording, error) {
	n, err := pipeline.CountFaces(path)
	if err != nil {
		return nil, fmt.Errorf("count the faces: %w", err)
	}
	name := filepath.Base(path)
	right := tally.Tally{Name: "picture_face_count", Unit: "pictures"}
	c := tally.Counts{Truth: 1, Found: 1, Labelled: 1}
	if n == truth {
		c.Hits = 1
	}
	right.Count(0, c)
	r := &report.Recording{Name: name, Frames: 1, Tags: []string{}, Labels: []string{name}}
	should, found := tally.Tally{Name: "faces_true", Unit: "count", Stat: tally.Sum}, tally.Tally{Name: "faces_found", Unit: "count", Stat: tally.Sum}
	should.Add(0, float64(truth))
	found.Add(0, float64(n))
	r.Add(right, should, found)
	r.Finish()
	return r, nil
}
