package eval

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/pipeline/eval/label"
)

// labelled is a recording with its label files by their ending.
type labelled struct {
	name  string
	media string
	files map[string]string
}

// takeEnding is that of the file that says what a made recording is of.
const takeEnding = ".take.json"

// endings of label files, the longest first.
var endings = []string{
	takeEnding, ".machine.rttm", ".closeness.csv", ".facing.csv", ".faces.csv", ".moments.csv", ".people.csv", ".rttm", ".csv",
}

// find pairs the label files of dir with recordings of the same name; lost are
// the names that have none.
func find(dir, media string) (list []labelled, lost []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read the folder of labels: %w", err)
	}
	byName := map[string]*labelled{}
	for _, e := range entries {
		for _, ending := range endings {
			if name, ok := strings.CutSuffix(e.Name(), ending); ok && !e.IsDir() {
				l := byName[name]
				if l == nil {
					l = &labelled{name: name, files: map[string]string{}}
					byName[name] = l
				}
				l.files[ending] = filepath.Join(dir, e.Name())
				break
			}
		}
	}
	films, err := recordings(dir, media)
	if err != nil {
		return nil, nil, err
	}
	lost = []string{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		l := byName[name]
		l.media = films[name]
		switch _, err := os.Stat(filepath.Join(dir, name, label.HeadsFile)); {
		case err == nil: // it is of a folder of stills
		case l.media != "":
			list = append(list, *l)
		default:
			lost = append(lost, name)
		}
	}
	return list, lost, nil
}

var mediaEndings = []string{".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m4v", ".3gp", ".wav", ".m4a", ".mp3", ".flac", ".ogg", ".gif"}

// recordings maps names without ending to files: in dir itself, else in the
// media folder, which is by default the one that holds dir, two levels deep.
func recordings(dir, media string) (map[string]string, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	films := map[string]string{}
	add := func(path string) {
		ending := strings.ToLower(filepath.Ext(path))
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if _, had := films[name]; !had && slices.Contains(mediaEndings, ending) {
			films[name] = path
		}
	}
	if media == "" {
		media = filepath.Dir(full)
	}
	for _, named := range []string{full, media} {
		root, err := filepath.EvalSymlinks(named) // what a link names is not walked into
		if err != nil {
			return nil, fmt.Errorf("look for recordings: %w", err)
		}
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil && path != root {
				return fs.SkipDir // someone else's folder beside the labels
			}
			if err != nil {
				return err
			}
			if rel, _ := filepath.Rel(root, path); d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= 2 {
				return fs.SkipDir
			}
			if !d.IsDir() {
				add(path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for recordings: %w", err)
		}
	}
	return films, nil
}
