package sample

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// WriteLabels writes the truth beside the film DIR/sample.mp4, one file per
// label, in the forms that `dyade eval --labels` reads.
func (s *Script) WriteLabels(dir string) error {
	tr := s.Truth()
	files := append(s.labels("sample", tr), labelFile{"truth.json", func(w io.Writer) error { return s.writeTruth(w, tr) }})
	return writeFiles(filepath.Join(dir, "sample"), files)
}

// labelFile is a file of labels: how its name ends, and what is in it.
type labelFile struct {
	ext   string
	write func(io.Writer) error
}

// labels are those that an evaluation reads.
func (s *Script) labels(name string, tr Truth) []labelFile {
	return []labelFile{
		{"rttm", func(w io.Writer) error { return writeRTTM(w, name, s.turns()) }},
		{"moments.csv", tr.writeMoments},
		{"facing.csv", tr.writeFacing},
		{"faces.csv", tr.writeFaces},
		{"people.csv", s.writePeople},
	}
}

// writeFiles writes files whose names begin alike.
func writeFiles(stem string, files []labelFile) error {
	for _, f := range files {
		if err := writeFile(stem+"."+f.ext, f.write); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes aside and renames, so that no half-written file is left.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fmt.Errorf("writing labels, to %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriter(f)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing labels, to %s: %w", path, err)
	}
	return nil
}

// spokenTurn is a stretch of a named speaker's speech.
type spokenTurn struct {
	Range
	speaker string
}

func (s *Script) turns() []spokenTurn {
	var out []spokenTurn
	for _, u := range s.spoken() {
		out = append(out, spokenTurn{u.Range, string(s.actors[u.who].role)})
	}
	return out
}

func writeRTTM(w io.Writer, name string, turns []spokenTurn) error {
	for _, u := range turns {
		if _, err := fmt.Fprintf(w, "SPEAKER %s 1 %.3f %.3f <NA> <NA> %s <NA> <NA>\n",
			name, u.StartS, u.EndS-u.StartS, u.speaker); err != nil {
			return err
		}
	}
	return nil
}

func (tr *Truth) writeMoments(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "start_s,end_s,kind"); err != nil {
		return err
	}
	for _, m := range tr.Moments {
		if _, err := fmt.Fprintf(w, "%.3f,%.3f,%s\n", m.StartS, m.EndS, m.Kind); err != nil {
			return err
		}
	}
	return nil
}

func (tr *Truth) writeFacing(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "start_s,end_s,label,note"); err != nil {
		return err
	}
	for _, f := range tr.Facing {
		if _, err := fmt.Fprintf(w, "%.3f,%.3f,%s,\n", f.StartS, f.EndS, f.Label); err != nil {
			return err
		}
	}
	return nil
}

func (tr *Truth) writeFaces(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "frame,faces"); err != nil {
		return err
	}
	for i, n := range tr.Faces {
		if _, err := fmt.Fprintf(w, "%d,%d\n", i, n); err != nil {
			return err
		}
	}
	return nil
}

// writePeople writes all who have a face, at 5 Hz.
func (s *Script) writePeople(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "time_s,person,x,y,w,h,yaw,pitch,visible"); err != nil {
		return err
	}
	for i := range int(s.Duration * 5) {
		t := float64(i) / 5
		for _, p := range s.sightings(t) {
			visible := 0
			if p.visible {
				visible = 1
			}
			b := p.box
			if _, err := fmt.Fprintf(w, "%.1f,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%d\n",
				t, p.role, b.X, b.Y, b.W, b.H, p.pose.Yaw, p.pose.Pitch, visible); err != nil {
				return err
			}
		}
	}
	return nil
}

// number is a value rounded for the JSON.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'f', 2, 64), nil
}

type truthPerson struct {
	Role  string `json:"role"`
	Clip  string `json:"clip"`
	Voice string `json:"voice"`
	// FaceWidth is of the face seen from the front, pixels: the unit of distance is
	// the mean of the two.
	FaceWidth number `json:"face_width_px"`
}

type truthMoment struct {
	Kind   string  `json:"kind"`
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
}

// truthSample is the state at one time: per person yaw, pitch, roll and the
// face's box, in the order of people.
type truthSample struct {
	T       number       `json:"t"`
	Yaw     [2]number    `json:"yaw"`
	Pitch   [2]number    `json:"pitch"`
	Roll    [2]number    `json:"roll"`
	Box     [2][4]number `json:"box"` // x, y, w, h
	Visible [2]bool      `json:"visible"`
	Dist    number       `json:"distance"` // mean face widths
}

// TruthSchema names the form of sample.truth.json.
const TruthSchema = "dyade.sample/1"

type truthFile struct {
	Schema   string        `json:"schema"`
	Seed     uint64        `json:"seed"`
	Duration float64       `json:"duration_s"`
	Front    string        `json:"passes_in_front"`
	People   []truthPerson `json:"people"`
	Episodes []Episode     `json:"episodes"`
	Moments  []truthMoment `json:"moments"`
	Hidden   []Hidden      `json:"hidden"`
	Samples  []truthSample `json:"samples"` // 10 Hz
}

func (s *Script) writeTruth(w io.Writer, tr Truth) error {
	out := truthFile{Schema: TruthSchema, Seed: s.Seed, Duration: s.Duration, Front: string(s.actors[s.front].role),
		Episodes: []Episode{}, Moments: []truthMoment{}, Hidden: append([]Hidden{}, tr.Hidden...)}
	for i := range s.actors {
		a := &s.actors[i]
		out.People = append(out.People, truthPerson{string(a.role), models[a.model].clip, a.voice, number(a.faceWidth())})
	}
	for _, e := range s.Episodes {
		if e.StartS < s.Duration {
			out.Episodes = append(out.Episodes, e)
		}
	}
	for _, m := range tr.Moments {
		out.Moments = append(out.Moments, truthMoment{string(m.Kind), m.StartS, m.EndS})
	}
	for i := range int(s.Duration * 10) {
		n := s.look(float64(i) / 10)
		row := truthSample{T: number(n.t), Visible: n.visible, Dist: number(n.dist)}
		for k := range 2 {
			b, p := n.box[k], n.pose[k]
			row.Yaw[k], row.Pitch[k], row.Roll[k] = number(p.Yaw), number(p.Pitch), number(p.Roll)
			row.Box[k] = [4]number{number(b.X), number(b.Y), number(b.W), number(b.H)}
		}
		out.Samples = append(out.Samples, row)
	}
	enc := json.NewEncoder(w)
	return enc.Encode(out)
}
