package sample

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"dyade/annotate"
)

// The form of the set's films: small enough to be made and analysed quickly.
const (
	setWidth  = 1280
	setRate   = 10
	setCRF    = 25
	tinyWidth = 640 // of those in which hardly anything happens
	shortS    = 90  // seconds, at most, of those that show one condition
	longS     = 600 // of those in which nothing is to be proposed
)

// Splits of the measuring set: limits are set on one, figures told of the other.
const (
	Tuning = "tuning"
	Test   = "test"
)

// take is one recording of the measuring set.
type take struct {
	name string
	seed uint64
	tags []string // figures are grouped by them
	note string
	// make writes the recording and its labels to stem and their endings, and says
	// whose faces are in it.
	make func(ctx context.Context, w *wardrobe, stem string) (identities []string, err error)
}

// pairs are the models of the two, parent first.
var pairs = [][]int{{0, 1}, {2, 3}, {1, 2}, {3, 0}}

// takesOf lists a split. No seed is in both.
func takesOf(split string) []take {
	if split == Tuning {
		list := []take{plain(11), plain(12)}
		list = append(list, company(21)...)
		list = append(list, together(31))
		list = append(list, sounds(41)...)
		return append(list, stillTake(51))
	}
	list := []take{plain(101), plain(102), plain(103), plain(104)}
	list = append(list, conditions(101)...)
	list = append(list, company(121)...)
	list = append(list, masked(103), together(131), together(132))
	list = append(list, nothings(161)...)
	list = append(list, sounds(141)...)
	return append(list, stillTake(151))
}

// filmTake is a take that is a film; each call of script gives a new one.
func filmTake(kind string, seed uint64, note string, tags []string, script func() *Script) take {
	return take{name: fmt.Sprintf("%s-%d", kind, seed), seed: seed, tags: tags, note: note,
		make: func(ctx context.Context, w *wardrobe, stem string) ([]string, error) {
			s := script()
			if err := w.dress(ctx, s.heads()); err != nil {
				return nil, err
			}
			voice, err := loadConversation(filepath.Join(w.material, "pyannote", "sample.wav"))
			if err != nil {
				return nil, err
			}
			if err := s.shootTo(ctx, s.mix(voice), stem+".mp4"); err != nil {
				return nil, err
			}
			return s.identities(), writeFiles(stem, s.labels(filepath.Base(stem), s.Truth()))
		}}
}

// identities are the clips of all faces.
func (s *Script) identities() []string {
	out, had := []string{}, map[string]bool{}
	for _, h := range s.heads() {
		if clip := h.model.clip; !had[clip] {
			out, had[clip] = append(out, clip), true
		}
	}
	return out
}

// ordinary is a script like the sample's, for the pair of its seed.
func ordinary(seed uint64, seconds float64) *Script {
	s := newScript(seed, pairs[seed%uint64(len(pairs))])
	s.view, s.rate, s.crf = smallView(setWidth), setRate, setCRF
	if seconds > 0 {
		s.Duration = s.pauseBefore(seconds)
	}
	return s
}

// pauseBefore is the latest time before another at which nothing is going on, so
// that a film which is cut there ends amid no episode.
func (s *Script) pauseBefore(t float64) float64 {
	const after = 2.5 // s: longer than any answer takes, shorter than any pause
	best := min(s.Duration, t)
	for i, e := range s.Episodes {
		end := math.Ceil(2*(e.EndS+after)) / 2
		if end > t || i+1 < len(s.Episodes) && s.Episodes[i+1].StartS < end {
			continue
		}
		best = end
	}
	return best
}

func plain(seed uint64) take {
	return filmTake("plain", seed, "two at a table, nothing in the way", []string{"plain"}, func() *Script { return ordinary(seed, 0) })
}

// farView has the stage far away, in a room of which more is seen.
var farView = view{w: setWidth, h: setWidth * Height / Width, k: 0.2, x: 448, y: 280}

// conditions are what makes a film hard to see, each with the script of a plain
// one, to be compared with it.
func conditions(seed uint64) []take {
	short := func(kind string, seed uint64, note string, change func(s *Script)) take {
		return filmTake(kind, seed, note, []string{kind}, func() *Script {
			s := ordinary(seed, shortS)
			change(s)
			return s
		})
	}
	return []take{
		short("far", seed, "the camera stands far away: faces are 25 to 40 pixels wide", func(s *Script) {
			s.view = farView
		}),
		short("dark", seed+1, "little light, much noise of the sensor", func(s *Script) {
			s.lens = exposure{gain: always(0.23), luma: 5, color: 3.5}
		}),
		short("blurred", seed+2, "out of focus, now more, now less; what moves is smeared", func(s *Script) {
			s.lens = lenses{shutter{0.12}, defocus{func(t float64) float64 { return 5 + 3.5*wander(s.room, 0.2, t) }}, exposure{gain: always(1), luma: 1}}
		}),
		short("noisy", seed+3, "a small sensor at its limit", func(s *Script) {
			s.lens = exposure{gain: always(0.8), luma: 26, color: 16}
		}),
		short("shaky", seed, "a camera in a hand", func(s *Script) {
			s.camera, s.lens = handHeld(s.room), aimed{}
		}),
		short("moved", seed+1, "the camera is taken and put down elsewhere at 40 s", func(s *Script) {
			s.camera, s.lens = movedOnce(40), aimed{}
		}),
	}
}

// masked is a plain film whose faces were made unrecognisable.
func masked(seed uint64) take {
	return filmTake("masked", seed, "both faces are pixelated; who is turned to whom stays what it is", []string{"masked"}, func() *Script {
		s := ordinary(seed, 0)
		s.lens = mask{}
		return s
	})
}

// company are films in which other faces are to be seen.
func company(seed uint64) []take {
	return []take{
		filmTake("third", seed, "a third person passes behind the two, and later stands beside them", []string{"third"}, func() *Script {
			s := ordinary(seed, shortS)
			s.guest = visitor(s)
			return s
		}),
		filmTake("picture", seed+1, "a portrait hangs on the wall", []string{"picture"}, func() *Script {
			s := ordinary(seed+1, shortS)
			s.photos = []photo{hung(rectangle{850 + 60*unit(s.room), 14, 168, 204}, models[s.stranger(0)], s.room)}
			return s
		}),
		filmTake("television", seed+2, "a television shows people who talk", []string{"television"}, func() *Script {
			s := ordinary(seed+2, shortS)
			s.screen = newScreen(rectangle{790 + 40*unit(s.room), 14, 360, 202}, s.room,
				[]*head{newHead(models[s.stranger(0)]), newHead(models[s.stranger(1)])}, s.Duration)
			return s
		}),
	}
}

// stranger is the i-th of the models that neither of the two is.
func (s *Script) stranger(i int) int {
	for m := range models {
		if m == s.actors[0].model || m == s.actors[1].model {
			continue
		}
		if i == 0 {
			return m
		}
		i--
	}
	return 0
}

// visitor walks behind the two from one side to the other, and back to stand at
// their side.
func visitor(s *Script) *actor {
	g := &actor{role: annotate.Other, model: s.stranger(0), key: hash64(s.room + 5), y: 330, shirt: shirtColours[int(s.room%8)]}
	g.head = newHead(models[g.model])
	g.eye, g.build = 0.84*s.actors[0].faceWidth()/g.head.faceW, 0.84*s.actors[0].build
	g.x.first, g.yaw.first = -260, 60
	g.x.to(9, 6.5, Width+260)
	g.yaw.to(30, 0.4, -55)
	g.x.to(31, 2, Width-190)
	g.yaw.to(33.5, 0.5, -20)
	for i, at := range []float64{39, 45, 52, 58, 64} {
		g.yaw.to(at, 0.5, []float64{5, -45, -8, -50, 0}[i])
	}
	g.pitch.to(45, 0.5, -12)
	g.pitch.to(52, 0.5, 0)
	g.yaw.to(70, 0.4, 60)
	g.x.to(70.4, 1.8, Width+260)
	return g
}
