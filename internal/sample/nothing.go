package sample

import (
	"math"
	"math/rand/v2"

	"dyade/annotate"
)

// nothings are films in which nothing is to be proposed.
func nothings(seed uint64) []take {
	list := []take{
		filmTake("empty", seed, "a room with nobody in it; the light changes", []string{"nothing", "empty"}, func() *Script {
			s := deserted(seed)
			s.rate = 5
			s.lens = exposure{gain: daylight(s.room), luma: 2.5, color: 1.5}
			return s
		}),
		filmTake("screen", seed+1, "nobody is there, a television talks", []string{"nothing", "screen"}, func() *Script {
			s := deserted(seed + 1)
			s.screen = newScreen(rectangle{560, 120, 800, 450}, s.room, []*head{newHead(models[0]), newHead(models[1]), newHead(models[2]), newHead(models[3])}, s.Duration)
			s.lens = exposure{gain: always(1), luma: 2, color: 1}
			s.talk(func(d *director, at float64) float64 {
				said := dialogues[d.rng.IntN(len(dialogues))]
				d.excerpts = append(d.excerpts, excerpt{said.from, said.to, at})
				return at + said.to - said.from + d.between(0.5, 3)
			})
			return s
		}),
		filmTake("alone", seed+2, "one person plays and talks to themselves", []string{"nothing", "alone"}, func() *Script { return alone(seed + 2) }),
		filmTake("photos", seed+3, "portraits on the wall of a room with nobody in it", []string{"nothing", "photos"}, func() *Script {
			s := deserted(seed + 3)
			s.rate = 5
			for i := range 7 {
				k := hash64(s.room + uint64(100+i))
				w := 190 + 50*unit(k)
				s.photos = append(s.photos, hung(rectangle{120 + 245*float64(i), 200 + 130*unit(k+1), w, w * 1.25}, models[(i+int(s.room%4))%4], k))
			}
			s.lens = exposure{gain: always(1), luma: 2.5, color: 1.5}
			return s
		}),
	}
	return list
}

// deserted is a film of a room in which nobody is.
func deserted(seed uint64) *Script {
	d := newDirector(seed, nil)
	d.absent = [2]bool{true, true}
	d.view, d.rate, d.crf, d.Duration = smallView(tinyWidth), setRate, setCRF+3, longS
	d.household = true
	return d.Script
}

// talk fills the film with what say puts at a time; it gives when to go on.
func (s *Script) talk(say func(d *director, at float64) float64) {
	d := &director{Script: s, rng: rand.New(rand.NewPCG(s.Seed, 0x74616c6b))}
	for at := 2.0; at < s.Duration-15; {
		at = say(d, at)
	}
}

// daylight goes up and down; now and then a lamp is switched.
func daylight(key uint64) func(t float64) float64 {
	return func(t float64) float64 {
		lamp := 1.0
		if hash64(key+uint64(t/47))%2 == 0 {
			lamp = 0.72
		}
		return lamp * (0.85 + 0.15*wander(key+1, 0.05, t) + 0.03*wander(key+2, 0.7, t))
	}
}

// alone has one person at the table, who plays, looks about, and says something
// now and then.
func alone(seed uint64) *Script {
	s := deserted(seed)
	s.absent = [2]bool{false, true}
	s.actors[0].x.first = Width/2 + 80*unit(s.room)
	s.actors[1].x.first = 3 * Width // so that towards the other is to the right
	d := &director{Script: s, rng: rand.New(rand.NewPCG(seed, 0x616c6f6e65)), t: 3}
	for d.t < s.Duration-12 {
		start := d.t
		switch d.rng.IntN(4) {
		case 0: // plays
			d.look(0, d.t, d.between(-6, 6), d.between(-20, -12))
			d.t += d.between(5, 14)
			d.plays = append(d.plays, play{Range: Range{StartS: start + 0.4, EndS: d.t}})
		case 1: // says something
			said := d.phrase(0)
			d.say(d.t, said.from, said.to)
			d.t += said.to - said.from + d.between(1, 4)
		case 2: // looks about
			d.look(0, d.t, d.between(-50, 50), d.between(-8, 4))
			d.t += d.between(1.5, 4)
		default: // goes somewhere else at the table
			d.look(0, d.t, d.between(-6, 6), 0)
			d.actors[0].x.to(d.t+0.6, d.between(1.5, 2.5), Width/2+d.between(-380, 380))
			d.t += d.between(4, 6)
		}
		d.t += d.between(0.8, 2)
	}
	s.actors[0].role = annotate.Parent
	s.household = false
	return s
}

// household is what is heard in a home: things put down, a door, something that
// runs and stops; samples at soundRate whose loudest bang is about 0.5, and whose
// murmur has a root mean square of about 0.01.
func household(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0x686f757365))
	out := make([]float64, n)
	for i, v := range roomNoise(seed+1, n) {
		t := float64(i) / soundRate
		runs := smooth(4 * wander(seed+2, 0.06, t)) // a fridge, a tap
		out[i] = v * (3 + 8*runs*(0.7+0.3*math.Sin(2*math.Pi*7*t)))
	}
	for at := 1.5; at < float64(n)/soundRate; at += 0.4 + 5*rng.Float64()*rng.Float64() {
		pitch, ring := 90*math.Pow(2, 4.5*rng.Float64()), 0.02+0.12*rng.Float64()
		loud := 0.03 + 0.4*math.Pow(rng.Float64(), 3)
		for i := range int(6 * ring * soundRate) {
			o := int(at*soundRate) + i
			if o >= n {
				break
			}
			t := float64(i) / soundRate
			out[o] += loud * math.Exp(-t/ring) * (0.6*math.Sin(2*math.Pi*pitch*t) + 0.3*math.Sin(2*math.Pi*2.76*pitch*t) + 0.5*math.Exp(-t/0.006)*rng.NormFloat64())
		}
	}
	return out
}
