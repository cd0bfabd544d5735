package sound

import "math"

// Stretch gives a stretch of a tape more slowly, at the same pitch: pieces of it, each
// from where it goes on best, are laid over each other (WSOLA).
type Stretch struct {
	tape     *Tape
	from, to int64 // frames of the tape
	n        int64 // that are made of them
	done     int64
	last     int64     // frame from which the last piece was taken
	out      []float32 // made, not given yet
}

// A piece fades in over hop frames and out over as many; seek is how far from its due
// place it may be taken.
const (
	hop  = 1024
	seek = 480
)

// fadeIn is a half of a piece's window.
var fadeIn = func() (w [hop]float32) {
	for i := range w {
		w[i] = float32(0.5 - 0.5*math.Cos(math.Pi*(float64(i)+0.5)/hop))
	}
	return w
}()

// NewStretch makes n frames of those from one to another.
func NewStretch(tape *Tape, from, to, n int64) *Stretch {
	return &Stretch{tape: tape, from: from, to: to, n: n, last: from - hop}
}

// Read gives the next frames, all of buf while there are as many.
func (s *Stretch) Read(buf []float32) (int, error) {
	for len(s.out) < len(buf) {
		if err := s.piece(); err != nil {
			return 0, err
		}
	}
	n := copy(buf, s.out)
	s.out = s.out[:copy(s.out, s.out[n:])]
	return n, nil
}

// piece lays the end of the last piece and the beginning of the next over each other.
func (s *Stretch) piece() error {
	next, err := s.place()
	if err != nil {
		return err
	}
	goesOn := s.last + hop
	first := min(goesOn, next)
	both, err := s.tape.At(first, int(max(goesOn, next)-first)+hop)
	if err != nil {
		return err
	}
	old, begins := both[(goesOn-first)*Channels:], both[(next-first)*Channels:]
	for i := range hop {
		w := fadeIn[i]
		for c := range Channels {
			k := i*Channels + c
			s.out = append(s.out, old[k]*(1-w)+begins[k]*w)
		}
	}
	s.last = next
	s.done += hop
	s.tape.Drop(next - 4*hop)
	return nil
}

// place is where the next piece is taken: where it is most like what would have followed
// the last one. The last piece ends where the stretch does, so that what follows goes on
// from it.
func (s *Stretch) place() (int64, error) {
	if s.n-s.done <= 2*hop {
		return s.to - (s.n - s.done), nil
	}
	// Its middle is where it is due.
	due := s.from - hop + int64(math.Round(float64(s.done+hop)*float64(s.to-s.from)/float64(s.n)))
	first := due - seek
	goesOn := s.last + hop
	low, high := min(first, goesOn), max(first+2*seek, goesOn)
	all, err := s.tape.At(low, int(high-low)+hop)
	if err != nil {
		return 0, err
	}
	mono := make([]float32, len(all)/Channels)
	for i := range mono {
		mono[i] = all[i*Channels] + all[i*Channels+1]
	}
	want := mono[goesOn-low:]
	score := func(at int64) float64 { return alike(want[:hop], mono[at-low:][:hop]) }
	const coarse = 8
	best, most := due, score(due)
	try := func(from, to, step int64) {
		for at := max(from, first); at <= min(to, first+2*seek); at += step {
			if v := score(at); v > most {
				best, most = at, v
			}
		}
	}
	try(first, first+2*seek, coarse)
	try(best-coarse+1, best+coarse-1, 1)
	return best, nil
}

// alike is the correlation of two pieces of sound, by every other sample of them.
func alike(a, b []float32) float64 {
	const step = 2
	var both, square float64
	for i := 0; i < len(a); i += step {
		both += float64(a[i] * b[i])
		square += float64(b[i] * b[i])
	}
	if square == 0 {
		return 0
	}
	return both / math.Sqrt(square)
}
