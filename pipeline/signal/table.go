// Package signal puts what was seen and heard on one time grid, each value
// known or not. It is pure Go.
package signal

import (
	"fmt"
	"math"

	"dyade/annotate/timecode"
)

// Series is one signal over the whole recording: a value per grid step, where it
// is known.
type Series struct {
	Name  string
	steps int
	// values are NaN where unknown. There are none before one is known: of a long
	// film the columns of somebody who is not there would take megabytes. Single
	// precision is more than any of them has, in half the memory.
	values []float32
}

var unknown = float32(math.NaN())

// NewSeries is a signal over so many steps of which nothing is known.
func NewSeries(name string, steps int) *Series { return &Series{Name: name, steps: steps} }

// At gives the value at step i, and whether it is known: 0 where it is not. Steps
// outside the grid are unknown.
func (s *Series) At(i int) (v float64, known bool) {
	if i < 0 || i >= len(s.values) {
		return 0, false
	}
	if v = float64(s.values[i]); math.IsNaN(v) {
		return 0, false
	}
	return v, true
}

// Value is the value at step i, 0 where it is unknown.
func (s *Series) Value(i int) float64 {
	v, _ := s.At(i)
	return v
}

// Known tells whether the value at step i is known.
func (s *Series) Known(i int) bool {
	_, known := s.At(i)
	return known
}

// Is tells whether the value at step i is known and not zero.
func (s *Series) Is(i int) bool {
	v, known := s.At(i)
	return known && v != 0
}

// Set makes v the value at step i, in single precision, known unless it is NaN.
func (s *Series) Set(i int, v float64) {
	if s.values == nil {
		s.values = make([]float32, s.steps)
		for k := range s.values {
			s.values[k] = unknown
		}
	}
	s.values[i] = float32(v)
}

// Unset makes the value at step i unknown.
func (s *Series) Unset(i int) {
	if s.values != nil {
		s.values[i] = unknown
	}
}

func (s *Series) flag(i int, v bool) {
	if v {
		s.Set(i, 1)
	} else {
		s.Set(i, 0)
	}
}

// Table is all signals on one grid: step i is i × Step seconds of media time,
// and stands for the time up to the next step.
type Table struct {
	Step   timecode.Base
	Steps  int
	Series []*Series // in the order of Columns
	byName map[string]*Series
}

// newTable makes the grid for a recording of the given length, all unknown.
func newTable(duration timecode.Instant) *Table {
	t := &Table{Step: timecode.Grid, byName: map[string]*Series{}}
	t.Steps = int(max(0, duration.In(t.Step).Ticks))
	if t.Steps == 0 && duration.Ticks > 0 {
		t.Steps = 1
	}
	for _, c := range Columns {
		s := NewSeries(c.Name, t.Steps)
		t.Series = append(t.Series, s)
		t.byName[c.Name] = s
	}
	return t
}

// Get gives the series of one of Columns.
func (t *Table) Get(name string) *Series {
	s, ok := t.byName[name]
	if !ok {
		// Names are constants of this program: a wrong one is a mistake in it.
		panic(fmt.Sprintf("signal: no column %q", name))
	}
	return s
}

// Seconds is the media time of step i.
func (t *Table) Seconds(i int) float64 { return t.Instant(i).Seconds() }

// Instant is the media time of step i.
func (t *Table) Instant(i int) timecode.Instant {
	return timecode.Instant{Ticks: int64(i), Base: t.Step}
}

// index is the step that stands for s seconds.
func (t *Table) index(s float64) int {
	return int(s * float64(t.Step.Den) / float64(t.Step.Num))
}

// Column describes one signal.
type Column struct {
	Name, Unit, Means string
}

// Columns of the table and of signals.parquet, in order. docs/formats.md is
// held to this list by a test.
var Columns = columns()

func columns() []Column {
	var list []Column
	add := func(name, unit, means string) { list = append(list, Column{name, unit, means}) }
	for _, who := range []string{"parent", "child", "other"} {
		add(who+"_seen", "0 or 1", "the "+who+"'s face is found in the picture")
		add(who+"_x", "share of picture width", "centre of the face, from the left")
		add(who+"_y", "share of picture height", "centre of the face, from the top")
		add(who+"_width", "pixels of the full-size picture", "width of the face")
		add(who+"_yaw", "degrees", "head's turn, positive to the picture's right edge")
		add(who+"_yaw_error", "degrees", "standard error of the head's turn")
		add(who+"_pitch", "degrees", "head's tilt, positive upwards")
		add(who+"_pitch_error", "degrees", "standard error of the head's tilt")
		add(who+"_roll", "degrees", "head's lean, positive clockwise")
		add(who+"_roll_error", "degrees", "standard error of the head's lean")
		add(who+"_body_x", "share of picture width", "centre of the face, or where it should be by the clothes under it, from the left")
		add(who+"_body_y", "share of picture height", "the same, from the top")
		add(who+"_motion", "luma steps", "mean change of the picture where the body is")
	}
	add("parent_angle", "degrees", "between where the parent's head points and where the child's face is")
	add("child_angle", "degrees", "between where the child's head points and where the parent's face is")
	add("parent_turned", "0 or 1", "the parent's head is turned to the child")
	add("child_turned", "0 or 1", "the child's head is turned to the parent")
	add("facing", "0 or 1", "both are turned to each other")
	add("bent_apart", "face widths", "between what the parent and what the child is bent over; unknown unless both are")
	add("distance", "face widths", "between the two faces in the room, in their mean width")
	add("distance_speed", "face widths per second", "change of the distance, negative when they come closer")
	add("contact", "0 or 1", "the two faces or bodies are so near each other that they likely touch")
	add("shared_motion", "luma steps", "strongest change of the picture in the area between and below the two faces, beyond its noise, as it would be near by in good light")
	add("synchrony", "-1 to 1", "largest correlation of the two bodies' motion over 4 s, lags up to 1 s")
	add("lead", "s", "how long the child's motion follows the parent's, negative where it leads; unknown where chance explains it")
	add("speech", "0 to 1", "probability of speech")
	add("speaker", "number", "which of the recording's voices speaks; unknown in silence")
	add("adult_voice", "0 or 1", "an adult's voice")
	add("child_voice", "0 or 1", "a child's voice")
	add("overlap", "0 or 1", "two voices at once")
	add("vocal", "0 or 1", "a voice that says no words: a cry, a laugh, a squeal; or what sounds like one")
	add("background_voice", "0 or 1", "speech behind that of the people: a television's, a radio's, another room's")
	add("level", "dBFS", "loudness of the sound, root mean square")
	add("luma", "0 to 255", "mean light of the picture")
	add("face_luma", "0 to 255", "mean light of the faces in the picture")
	add("sharpness", "variance", "of the Laplacian of the luma at 320 pixels width")
	add("camera_motion", "picture widths per second", "the camera's own movement")
	return list
}
