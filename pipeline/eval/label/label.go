// Package label reads the files in which people (or the maker of the sample
// recording) write down what is to be seen and heard in a recording.
package label

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"dyade/annotate"
)

// ErrSyntax is wrapped by every error about a label file's content.
var ErrSyntax = errors.New("not a label file of this kind")

// maxLabels bounds what one file may hold: 24 hours at 30 frames a second.
const maxLabels = 24 * 3600 * 30

// Speech is one stretch of someone's speech; seconds of media time.
type Speech struct {
	StartS, EndS float64
	Speaker      string
}

// RTTM reads the SPEAKER lines of NIST's Rich Transcription Time Marked form.
func RTTM(r io.Reader) ([]Speech, error) { return speech(rttm(r)) }

// Speakers reads lines of start, end and speaker between tabs; a note and who labelled
// may follow.
func Speakers(r io.Reader) ([]Speech, error) { return speech(speakers(r)) }

func speech(all []annotate.Label, err error) ([]Speech, error) {
	var list []Speech
	for _, l := range all {
		list = append(list, Speech{l.StartS, l.EndS, l.Label})
	}
	sortSpeech(list)
	return list, err
}

func sortSpeech(list []Speech) {
	slices.SortStableFunc(list, func(a, b Speech) int {
		switch {
		case a.StartS < b.StartS:
			return -1
		case a.StartS > b.StartS:
			return 1
		}
		return 0
	})
}

// State is what holds of the two for a stretch.
type State struct {
	StartS, EndS float64
	Label        string
}

// Facings reads NAME.facing.csv: who is turned to whom, mutual, child_faces_parent,
// parent_faces_child, parent_faces_camera, none or unknown.
func Facings(r io.Reader) ([]State, error) { return states(r, "facing") }

// Closenesses reads NAME.closeness.csv: how near the two are to each other, touch, close
// (within reach of an arm), apart or unknown.
func Closenesses(r io.Reader) ([]State, error) { return states(r, "closeness") }

func states(r io.Reader, track string) ([]State, error) {
	all, err := labelled(r, track, "label")
	var list []State
	for _, l := range all {
		list = append(list, State{l.StartS, l.EndS, l.Label})
	}
	return list, err
}

// Faces reads NAME.faces.csv: the number of faces by frame, -1 where the file
// says nothing.
func Faces(r io.Reader) ([]int, error) {
	var list []int
	err := rows(r, ',', []string{"frame", "faces"}, 2, func(row []string) error {
		frame, err := whole(row[0], maxLabels)
		if err != nil {
			return err
		}
		faces, err := whole(row[1], 1000)
		if err != nil {
			return err
		}
		for len(list) <= frame {
			list = append(list, -1)
		}
		list[frame] = faces
		return nil
	})
	return list, err
}

// Moment is a stretch that a moment of a kind should be proposed for.
type Moment struct {
	StartS, EndS float64
	Kind         annotate.MomentKind
}

// Moments reads NAME.moments.csv.
func Moments(r io.Reader) ([]Moment, error) {
	all, err := labelled(r, "moments", "kind")
	var list []Moment
	for _, l := range all {
		list = append(list, Moment{l.StartS, l.EndS, annotate.MomentKind(l.Label)})
	}
	return list, err
}

// Person is where someone truly is at an instant.
type Person struct {
	TimeS      float64
	Role       annotate.Role
	Box        annotate.Box // full-size pixels, upright
	Yaw, Pitch float64      // degrees
	Visible    bool
}

// People reads NAME.people.csv, and puts it in order of time.
func People(r io.Reader) ([]Person, error) {
	header := []string{"time_s", "person", "x", "y", "w", "h", "yaw", "pitch", "visible"}
	var list []Person
	err := rows(r, ',', header, len(header), func(row []string) error {
		var v [9]float64
		for i, field := range row {
			if i == 1 {
				continue
			}
			n, err := number(field)
			if err != nil {
				return fmt.Errorf("%s: %w", header[i], err)
			}
			v[i] = n
		}
		role := annotate.Role(row[1])
		if !slices.Contains([]annotate.Role{annotate.Parent, annotate.Child, annotate.Other, annotate.Picture}, role) {
			return fmt.Errorf("%w: %q is not parent, child, other or picture", ErrSyntax, row[1])
		}
		list = append(list, Person{v[0], role, annotate.Box{X: v[2], Y: v[3], W: v[4], H: v[5]}, v[6], v[7], v[8] != 0})
		return nil
	})
	slices.SortStableFunc(list, func(a, b Person) int { return cmp.Compare(a.TimeS, b.TimeS) })
	return list, err
}

// rows reads a table of so many fields a row; a header that is given must
// stand first.
func rows(r io.Reader, comma rune, header []string, fields int, each func(row []string) error) error {
	empty := true
	err := table(r, comma, fields, func(n int, row []string) error {
		empty = false
		if n > 0 || header == nil {
			return each(row)
		}
		if !slices.Equal(row, header) {
			return wrongHeader(header)
		}
		return nil
	})
	if err == nil && empty && header != nil {
		return errEmpty
	}
	return err
}

var errEmpty = fmt.Errorf("%w: empty", ErrSyntax)

func wrongHeader(header []string) error {
	return fmt.Errorf("%w: the first line must be %s", ErrSyntax, strings.Join(header, ","))
}

// table reads rows of so many fields; 0: as many as the first has, -1: any.
func table(r io.Reader, comma rune, fields int, each func(n int, row []string) error) error {
	in := csv.NewReader(r)
	in.Comma, in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = comma, fields, true, true
	for n := 0; ; n++ {
		row, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSyntax, err)
		}
		line, _ := in.FieldPos(0)
		if n > maxLabels {
			return fmt.Errorf("line %d: %w: too many lines", line, ErrSyntax)
		}
		if err := each(n, row); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func number(s string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%w: %q is not a number", ErrSyntax, s)
	}
	return v, nil
}

func seconds(s string) (float64, error) {
	v, err := number(s)
	if err == nil && (v < 0 || v > 1e6) {
		return 0, fmt.Errorf("%w: %q is not a time in seconds", ErrSyntax, s)
	}
	return v, err
}

func span(from, to string) (start, end float64, err error) {
	if start, err = seconds(from); err != nil {
		return 0, 0, err
	}
	if end, err = seconds(to); err != nil {
		return 0, 0, err
	}
	if end < start {
		return 0, 0, fmt.Errorf("%w: it ends at %s, before it starts at %s", ErrSyntax, to, from)
	}
	return start, end, nil
}

func whole(s string, most int) (int, error) {
	v, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || v < 0 || v > most {
		return 0, fmt.Errorf("%w: %q is not a whole number from 0 to %d", ErrSyntax, s, most)
	}
	return v, nil
}

// Count reads the number of faces that a picture carries in its name: none,
// one, two… ; ok is false for other names.
func Count(name string) (n int, ok bool) {
	n = slices.Index([]string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}, name)
	return n, n >= 0
}
