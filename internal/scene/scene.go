// Package scene scripts what people do before a camera and gives what a
// detector would see of it: input with a known answer for tests.
package scene

import (
	"math/rand/v2"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Size of the scripted picture in pixels.
const (
	Width  = 1920
	Height = 1080
)

// Key is where someone is and how they hold their head from a time on; between
// two keys everything moves evenly.
type Key struct {
	At         float64 // seconds
	X, Y       float64 // centre of the face, pixels
	W          float64 // its width
	Yaw, Pitch float64
	YawError   float64 // standard error of the yaw told, degrees
	Hidden     bool    // from here to the next key
}

// Actor is someone with a look of their own and a script, in order of time.
type Actor struct {
	Look int // an index: actors of the same one look the same
	Keys []Key
}

// Scene is a script of some length, seen so many times a second.
type Scene struct {
	Seconds float64
	Rate    float64
	Actors  []Actor
	Noise   float64 // of places, pixels; of turns, degrees
	// Motion gives the motion grid's value at a cell and time; nil: none.
	Motion func(at float64, col, row int) uint8
}

// Recording that the scene would be, without sound.
func (s Scene) Recording() annotate.Recording {
	d := timecode.At(s.Seconds, timecode.Millisecond)
	return annotate.Recording{
		SHA256: "5ce9e", Name: "scene", DurationS: d.Seconds(), Duration: d,
		Video: &annotate.Video{Width: Width, Height: Height, Base: timecode.Millisecond},
	}
}

// Sightings of the scene; the same each time.
func (s Scene) Sightings() []annotate.Sighting {
	random := rand.New(rand.NewPCG(1, 2))
	var list []annotate.Sighting
	for i := 0; float64(i)/s.Rate < s.Seconds; i++ {
		at := timecode.At(float64(i)/s.Rate, timecode.Millisecond)
		k := annotate.Sighting{At: at, Luma: 120, Sharp: 200, Colours: s.colours(at.Seconds())}
		for _, a := range s.Actors {
			if f, ok := a.face(at.Seconds(), s.Noise, random); ok {
				k.Faces = append(k.Faces, f)
			}
		}
		if i > 0 {
			k.Motion, k.MotionS, k.ShiftKnown = s.grid(at.Seconds()), 1/s.Rate, true
		}
		list = append(list, k)
	}
	return list
}

func (s Scene) grid(at float64) []uint8 {
	g := make([]uint8, annotate.MotionCols*annotate.MotionRows)
	for i := range g {
		if s.Motion != nil {
			g[i] = s.Motion(at, i%annotate.MotionCols, i/annotate.MotionCols)
		}
	}
	return g
}

// shirts are what actors wear, by their looks, in blue, green and red.
var shirts = [][3]uint8{{150, 60, 40}, {40, 50, 190}, {60, 160, 70}}

// colours are those of a room of many greys, and of the shirts in it.
func (s Scene) colours(at float64) []uint8 {
	const w, h = float64(Width) / annotate.MotionCols, float64(Height) / annotate.MotionRows
	list := make([]uint8, 0, 3*annotate.MotionCols*annotate.MotionRows)
	for i := range annotate.MotionCols * annotate.MotionRows {
		x, y := (float64(i%annotate.MotionCols)+0.5)*w, (float64(i/annotate.MotionCols)+0.5)*h
		grey := uint8(90 + i*37%80)
		cell := [3]uint8{grey, grey, grey}
		for _, a := range s.Actors {
			k := a.at(at)
			if x > k.X-k.W && x < k.X+k.W && y > k.Y+0.6*k.W && y < k.Y+4*k.W {
				cell = shirts[a.Look%len(shirts)]
			}
		}
		list = append(list, cell[:]...)
	}
	return list
}

func (a Actor) face(at, noise float64, random *rand.Rand) (annotate.Face, bool) {
	if len(a.Keys) == 0 || at < a.Keys[0].At {
		return annotate.Face{}, false
	}
	k := a.at(at)
	if k.Hidden || k.X < 0 || k.X > Width {
		return annotate.Face{}, false
	}
	jitter := func() float64 { return (random.Float64()*2 - 1) * noise }
	h := k.W * 4 / 3
	box := annotate.Box{X: k.X - k.W/2 + jitter(), Y: k.Y - h/2 + jitter(), W: k.W + jitter()/2, H: h}
	nose := annotate.Point{X: box.X + box.W/2, Y: box.Y + 0.6*box.H}
	return annotate.Face{
		Box: box, Landmarks: [5]annotate.Point{2: nose},
		Score: 0.8, PoseKnown: true, PoseError: annotate.Pose{Yaw: k.YawError}, Luma: 110, Look: look(a.Look),
		Pose: annotate.Pose{Yaw: k.Yaw + jitter(), Pitch: k.Pitch + jitter()},
	}, true
}

func (a Actor) at(at float64) Key {
	for i := len(a.Keys) - 1; i >= 0; i-- {
		k := a.Keys[i]
		if k.At > at {
			continue
		}
		if i+1 < len(a.Keys) {
			n := a.Keys[i+1]
			x := (at - k.At) / (n.At - k.At)
			mix := func(u, v float64) float64 { return u + (v-u)*x }
			return Key{at, mix(k.X, n.X), mix(k.Y, n.Y), mix(k.W, n.W), mix(k.Yaw, n.Yaw), mix(k.Pitch, n.Pitch), mix(k.YawError, n.YawError), k.Hidden}
		}
		return k
	}
	return Key{}
}

// look is a unit vector that shares a little with every other.
func look(n int) []float32 {
	v := []float32{0.5, 0, 0, 0}
	v[1+n%3] = 0.8660254
	return v
}
