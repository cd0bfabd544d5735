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
	files := []struct {
		ext   string
		write func(io.Writer) error
	}{
		{"rttm", s.writeRTTM},
		{"moments.csv", tr.writeMoments},
		{"facing.csv", tr.writeFacing},
		{"faces.csv", tr.writeFaces},
		{"people.csv", s.writePeople},
		{"truth.json", func(w io.Writer) error { return s.writeTruth(w, tr) }},
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, "sample."+f.ext), f.write); err != nil {
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

func (s *Script) writeRTTM(w io.Writer) error {
	for _, u := range s.spoken() {
		if _, err := fmt.Fprintf(w, "SPEAKER sample 1 %.3f %.3f <NA> <NA> %s <NA> <NA>\n",
			u.StartS, u.EndS-u.StartS, s.actors[u.who].role); err != nil {
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

// writePeople writes both at 5 Hz.
func (s *Script) writePeople(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "time_s,person,x,y,w,h,yaw,pitch,visible"); err != nil {
		return err
	}
	for i := range int(s.Duration * 5) {
		n := s.look(float64(i) / 5)
		for k := range s.actors {
			visible := 0
			if n.visible[k] {
				visible = 1
			}
			b, p := n.box[k], n.pose[k]
			if _, err := fmt.Fprintf(w, "%.1f,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%d\n",
				n.t, s.actors[k].role, b.X, b.Y, b.W, b.H, p.Yaw, p.Pitch, visible); err != nil {
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
