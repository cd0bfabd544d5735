package coach_test

import (
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/scene"
	"dyade/pipeline/coach"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// filmed is a recording of two people at play, filmed well, and what may be wrong
// with it.
type filmed struct {
	seconds  float64
	parent   []scene.Key
	child    []scene.Key
	look     func(i int, at float64, s *annotate.Sighting)
	speaks   func(at float64) bool
	level    func(at float64, speaks bool) float32
	silent   bool
	pictures bool
}

func well() filmed {
	return filmed{
		seconds: 60, pictures: true,
		parent: []scene.Key{{X: 700, Y: 400, W: 160, Yaw: 50}},
		child:  []scene.Key{{X: 1200, Y: 550, W: 130, Yaw: -50}},
		look:   func(int, float64, *annotate.Sighting) {},
		speaks: func(at float64) bool { return int(at)%4 == 1 },
		level: func(_ float64, speaks bool) float32 {
			if speaks {
				return -25
			}
			return -55
		},
	}
}

func (f filmed) input() coach.Input {
	s := scene.Scene{Seconds: f.seconds, Rate: 4, Noise: 10} // nobody alive keeps still
	if f.parent != nil {
		s.Actors = append(s.Actors, scene.Actor{Look: 1, Keys: f.parent})
	}
	if f.child != nil {
		s.Actors = append(s.Actors, scene.Actor{Look: 2, Keys: f.child})
	}
	in := signal.Input{Recording: s.Recording()}
	if f.pictures {
		in.Sightings = s.Sightings()
		for i := range in.Sightings {
			f.look(i, in.Sightings[i].At.Seconds(), &in.Sightings[i])
		}
		in.People = track.People(in.Sightings)
	} else {
		in.Recording.Video = nil
	}
	if !f.silent {
		in.Recording.Audio = &annotate.Audio{}
		in.Heard = f.heard()
	}
	return coach.Input{Recording: in.Recording, Table: signal.Build(in), InputWidth: 640}
}

func (f filmed) heard() signal.Heard {
	h := signal.Heard{Known: true, Activity: make([]float32, int(f.seconds/signal.ActivityStep)), Level: make([]float32, int(f.seconds*10))}
	for i := range h.Activity {
		if f.speaks(float64(i) * signal.ActivityStep) {
			h.Activity[i] = 1
		}
	}
	for i := range h.Level {
		at := float64(i) / 10
		h.Level[i] = f.level(at, f.speaks(at))
	}
	return h
}

func codes(list []annotate.Warning) []string {
	found := []string{}
	for _, w := range list {
		found = append(found, w.Code)
	}
	return found
}

// light sets that of the pictures and of the faces in them.
func light(picture, faces float64) func(int, float64, *annotate.Sighting) {
	return func(_ int, _ float64, s *annotate.Sighting) {
		s.Luma = picture
		for i := range s.Faces {
			s.Faces[i].Luma = faces
		}
	}
}

// lean sets the roll of the first and of the second face.
func lean(first, second float64) func(int, float64, *annotate.Sighting) {
	return func(_ int, _ float64, s *annotate.Sighting) {
		for i := range s.Faces {
			s.Faces[i].Pose.Roll = []float64{first, second}[i]
		}
	}
}

// pan moves the camera by so much of the picture's width from picture to picture.
func pan(by float64) func(int, float64, *annotate.Sighting) {
	return func(_ int, _ float64, s *annotate.Sighting) { s.Shift.X = by }
}

func sharp(v float64) func(int, float64, *annotate.Sighting) {
	return func(_ int, _ float64, s *annotate.Sighting) { s.Sharp = v }
}

func level(silence, speech float32) func(float64, bool) float32 {
	return func(_ float64, speaks bool) float32 {
		if speaks {
			return speech
		}
		return silence
	}
}

// Each thing that is told, beside what is like it and is not told.
func TestAdvise(t *testing.T) {
	tests := []struct {
		name   string
		change func(f *filmed)
		want   []string
	}{
		{"all is well", func(*filmed) {}, nil},
		{"dark", func(f *filmed) { f.look = light(30, 25) }, []string{"too_dark"}},
		{"evening", func(f *filmed) { f.look = light(60, 50) }, nil},
		{"before a window", func(f *filmed) { f.look = light(140, 30) }, []string{"against_light"}},
		{"in shade before a window", func(f *filmed) { f.look = light(140, 60) }, nil},
		{"nobody", func(f *filmed) { f.parent, f.child = nil, nil }, []string{"no_face"}},
		{"one", func(f *filmed) { f.child = nil }, []string{"one_person"}},
		{"far", func(f *filmed) { f.parent[0].W, f.child[0].W = 80, 60 }, []string{"faces_too_small"}},
		{"far enough to see", func(f *filmed) { f.parent[0].W, f.child[0].W = 90, 80 }, nil},
		{"the child goes out to the side", func(f *filmed) {
			f.child = []scene.Key{{X: 1200, Y: 550, W: 130, Yaw: -50}, {At: 8, X: 1870, Y: 550, W: 130, Yaw: -50}, {At: 8.1, X: 2000, Y: 550, W: 130, Hidden: true}}
		}, []string{"out_of_picture"}},
		{"the child comes in late", func(f *filmed) {
			f.child = []scene.Key{{X: 2000, Y: 550, W: 130, Hidden: true}, {At: 14, X: 1900, Y: 550, W: 130, Yaw: -50}, {At: 15, X: 1200, Y: 550, W: 130, Yaw: -50}}
		}, []string{"out_of_picture"}},
		{"the child is out for a while", func(f *filmed) {
			f.child = []scene.Key{{X: 1200, Y: 550, W: 130, Yaw: -50}, {At: 8, X: 1870, Y: 550, W: 130, Yaw: -50}, {At: 8.1, X: 1900, Y: 550, W: 130, Hidden: true}, {At: 14, X: 1870, Y: 550, W: 130, Yaw: -50}, {At: 15, X: 1200, Y: 550, W: 130, Yaw: -50}}
		}, nil},
		{"the child turns its back", func(f *filmed) {
			f.child = append(f.child, scene.Key{At: 5, X: 1200, Y: 550, W: 130, Hidden: true})
		}, []string{"face_hidden"}},
		{"the child turns its back for a while", func(f *filmed) {
			f.child = append(f.child, scene.Key{At: 5, X: 1200, Y: 550, W: 130, Hidden: true}, scene.Key{At: 15, X: 1200, Y: 550, W: 130, Yaw: -50})
		}, nil},
		{"a head is cut off", func(f *filmed) { f.parent[0].Y = 80 }, []string{"cut_off"}},
		{"a head is near the top", func(f *filmed) { f.parent[0].Y = 130 }, nil},
		{"the camera moves", func(f *filmed) { f.look = pan(0.02) }, []string{"camera_moving"}},
		{"the camera trembles", func(f *filmed) { f.look = pan(0.002) }, nil},
		{"the camera is tilted", func(f *filmed) { f.look = lean(14, 11) }, []string{"tilted"}},
		{"two lean to each other", func(f *filmed) { f.look = lean(14, -11) }, nil},
		{"one bends the head", func(f *filmed) { f.look = lean(20, 2) }, nil},
		{"blurred", func(f *filmed) { f.look = sharp(5) }, []string{"blurred"}},
		{"soft", func(f *filmed) { f.look = sharp(30) }, nil},
		{"no sharpness in the dark", func(f *filmed) {
			f.look = func(_ int, _ float64, s *annotate.Sighting) { s.Luma, s.Sharp = 20, 5 }
		}, []string{"too_dark"}},
		{"faint", func(f *filmed) { f.level = level(-80, -52) }, []string{"too_quiet"}},
		{"nobody speaks in the beginning", func(f *filmed) { f.speaks = func(at float64) bool { return at > 35 } }, nil},
		{"too loud", func(f *filmed) { f.level = level(-40, -6) }, []string{"clipping"}},
		{"loud", func(f *filmed) { f.level = level(-40, -14) }, nil},
		{"a fan", func(f *filmed) { f.level = level(-30, -27) }, []string{"noisy"}},
		{"a fan far off", func(f *filmed) { f.level = level(-40, -27) }, nil},
		{"a television", func(f *filmed) { f.speaks = func(at float64) bool { return int(at*2)%12 != 0 } }, []string{"television"}},
		{"a parent who speaks much", func(f *filmed) { f.speaks = func(at float64) bool { return int(at)%10 < 8 } }, nil},
		{"silent", func(f *filmed) { f.silent = true }, []string{"no_sound"}},
		{"sound alone", func(f *filmed) { f.pictures = false }, []string{"no_picture"}},
		{"a short film", func(f *filmed) {
			f.seconds, f.speaks = 5, func(float64) bool { return true }
		}, nil},
		{"a film without length", func(f *filmed) { f.seconds = 0 }, nil},
		{"it becomes dark after half a minute", func(f *filmed) {
			f.look = func(i int, at float64, s *annotate.Sighting) {
				if at > 30 {
					light(20, 20)(i, at, s)
				}
			}
		}, nil},
		{"all at once: the three most useful", func(f *filmed) {
			f.parent[0].W, f.child[0].W, f.level = 50, 50, level(-80, -52)
			f.look = func(i int, at float64, s *annotate.Sighting) {
				light(30, 25)(i, at, s)
				pan(0.05)(i, at, s)
			}
		}, []string{"too_dark", "faces_too_small", "camera_moving"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := well()
			tt.change(&f)
			if got := codes(coach.Advise(f.input())); !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// What limits the analysis is judged over all of the recording, and is not cut
// short; shares are of what is judged.
func TestLimits(t *testing.T) {
	f := well()
	f.parent[0].W, f.child[0].W, f.level = 50, 50, level(-80, -52)
	f.look = func(i int, at float64, s *annotate.Sighting) {
		pan(0.05)(i, at, s)
		if at >= 15 {
			light(20, 20)(i, at, s)
		}
	}
	got := coach.Limits(f.input())
	if want := []string{"too_dark", "faces_too_small", "camera_moving", "too_quiet"}; !slices.Equal(codes(got), want) {
		t.Errorf("%v, want %v", got, want)
	}
	if share := got[0].Share; share != 0.75 {
		t.Errorf("dark for %v of it, want 0.75", share)
	}
	if got := coach.Limits(well().input()); len(got) != 0 {
		t.Errorf("all is well, and told is %v", got)
	}
}

// Every picture of a film may be lost: what nobody saw is not said to be wrong.
func TestUnknownIsNotSaid(t *testing.T) {
	rec := scene.Scene{Seconds: 40}.Recording()
	rec.Audio = &annotate.Audio{}
	in := coach.Input{Recording: rec, Table: signal.Build(signal.Input{Recording: rec}), InputWidth: 640}
	if got := append(coach.Advise(in), coach.Limits(in)...); len(got) != 0 {
		t.Errorf("told is %v", got)
	}
	rec.Duration = timecode.Instant{Base: timecode.Millisecond}
	in.Table = signal.Build(signal.Input{Recording: rec})
	if got := coach.Advise(in); len(got) != 0 {
		t.Errorf("of nothing, told is %v", got)
	}
}
