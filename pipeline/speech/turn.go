package speech

import (
	"cmp"
	"math"
	"slices"
)

// turn is speech by one voice.
type turn struct {
	span
	voice      int     // as in clusters; noVoice where nothing tells whose it is
	confidence float64 // that it is this voice's, 0 to 1
}

const noVoice = -1

const (
	stepLen = Rate / 20 // turns begin at steps of 50 ms

	// changeCost is what a change of voice costs in seconds of speech whose
	// scores lead as the average: less speech than that is no turn.
	changeCost = 0.13
	pauseCost  = 0.25 // share of changeCost after a pause of a second
	sureness   = 2.5  // turns leads into confidence: 0.92 for the average

	// dividerWeight is how much what the divider finds counts, against the lead of an
	// average print: it knows where turns begin and end, and prints know whose they are.
	dividerWeight = 4
	// alsoOn is the probability from which somebody speaks at the same time.
	alsoOn = 0.8

	nearSpeech = Rate / 2     // speech too short to know belongs to what is this near
	sameTurn   = Rate * 1 / 4 // a shorter pause does not end an utterance
)

// step is 50 ms of speech, or what is left of a span.
type step struct {
	span
	of     int       // its span
	scores []float64 // per voice; nil where nothing tells
}

// evidence is what tells whose speech is.
type evidence struct {
	prints []voiceprint
	marks  [][]float64 // of each print, per voice: how well it explains the print
	active [][]float32 // per voice, each 10 ms: how probable the divider finds it; nil: it isn't asked
	voices int
}

// weight is that of a step's score in leads of an average print.
func (e *evidence) weight() float64 {
	if e.active == nil {
		return 1
	}
	return 1 + dividerWeight
}

// assign gives each stretch of speech to a voice: the most likely path through
// voices (Viterbi's), where changes cost more within speech than after a pause. Who
// speaks at the same time as well is for the divider to say.
func assign(spans []span, e *evidence) []turn {
	steps := walk(spans, e)
	path := bestPath(steps, e.voices)
	var turns []turn
	first := 0
	for i := 1; i <= len(steps); i++ {
		if i < len(steps) && path[i] == path[first] && steps[i].of == steps[first].of {
			continue
		}
		t := turn{span: span{steps[first].from, steps[i-1].to}, voice: path[first]}
		t.confidence = confidence(steps[first:i], t.voice, e.weight())
		turns = append(turns, t)
		first = i
	}
	turns = join(disown(turns))
	for v, active := range e.active {
		turns = append(turns, also(steps, path, active, v)...)
	}
	return joinVoices(turns, e.voices)
}

// walk cuts spans into steps and gives each its scores: the mean of those of the prints
// around it, those whose middle is nearer counting more, and what the divider finds.
func walk(spans []span, e *evidence) []step {
	var steps []step
	begin := 0
	for n, s := range spans {
		for begin < len(e.prints) && e.prints[begin].span < n {
			begin++
		}
		end := begin
		for end < len(e.prints) && e.prints[end].span == n {
			end++
		}
		for at := s.from; at < s.to; at += stepLen {
			st := step{span: span{at, min(at+stepLen, s.to)}, of: n}
			st.scores = around(float64(st.from+st.to)/2/frameHop, e.prints[begin:end], e.marks[begin:end])
			for v, active := range e.active {
				p := mean(active, st.span)
				if st.scores == nil && p >= voiceOn {
					st.scores = make([]float64, e.voices)
				}
				if st.scores != nil {
					st.scores[v] += dividerWeight * p
				}
			}
			steps = append(steps, st)
		}
	}
	return steps
}

// mean of what there is each 10 ms, over a span.
func mean(values []float32, s span) float64 {
	sum, n := 0.0, 0.0
	for t := s.from / frameHop; t < min(int64(len(values)), (s.to+frameHop-1)/frameHop); t++ {
		sum, n = sum+float64(values[t]), n+1
	}
	return sum / math.Max(1, n)
}

func around(at float64, prints []voiceprint, marks [][]float64) []float64 {
	const reach = 5 // spectra beyond a window that it still speaks for
	var sum []float64
	var total float64
	for i, p := range prints {
		if at < float64(p.from-reach) || at > float64(p.to+reach) {
			continue
		}
		half := float64(p.to-p.from)/2 + 1
		weight := math.Max(0.02, 1-math.Abs(at-p.middle())/half)
		if sum == nil {
			sum = make([]float64, len(marks[i]))
		}
		for v, m := range marks[i] {
			sum[v] += weight * m
		}
		total += weight
	}
	for v := range sum {
		sum[v] /= total
	}
	return sum
}

// also are the turns of a voice that speaks while the path gives the steps to another.
func also(steps []step, path []int, active []float32, voice int) []turn {
	var turns []turn
	for i, s := range steps {
		if p := mean(active, s.span); path[i] != voice && p >= alsoOn {
			turns = append(turns, turn{s.span, voice, p})
		}
	}
	return slices.DeleteFunc(join(turns), func(t turn) bool { return t.to-t.from < minSpeech })
}

// bestPath gives each step a voice.
func bestPath(steps []step, voices int) []int {
	if len(steps) == 0 || voices == 0 {
		return make([]int, len(steps))
	}
	worth := make([]float64, voices)
	from := make([][]uint8, len(steps))
	for i, s := range steps {
		best := 0
		for v := range worth {
			if worth[v] > worth[best] {
				best = v
			}
		}
		cost := 0.0
		if i > 0 {
			pause := float64(s.from-steps[i-1].to) / Rate
			cost = changeCost * math.Max(pauseCost, 1-pause)
		}
		from[i] = make([]uint8, voices)
		change := worth[best] - cost
		for v := range worth {
			from[i][v] = uint8(v)
			if worth[v] < change {
				from[i][v], worth[v] = uint8(best), change
			}
			if s.scores != nil {
				worth[v] += s.seconds() * s.scores[v]
			}
		}
	}
	last := 0
	for v := range worth {
		if worth[v] > worth[last] {
			last = v
		}
	}
	path := make([]int, len(steps))
	for i := len(steps) - 1; i >= 0; i-- {
		path[i] = last
		last = int(from[i][last])
	}
	return path
}

// confidence that the steps are the voice's: its share of the likelihood, given
// their mean score, of so much weight. Where nothing tells it is 0.
func confidence(steps []step, voice int, weight float64) float64 {
	var sum []float64
	n := 0.0
	for _, s := range steps {
		if s.scores == nil {
			continue
		}
		if sum == nil {
			sum = make([]float64, len(s.scores))
		}
		for v, x := range s.scores {
			sum[v] += x
		}
		n++
	}
	var total float64
	for _, x := range sum {
		total += math.Exp(sureness * (x - sum[voice]) / n / weight)
	}
	if total == 0 {
		return 0
	}
	return 1 / total
}

// disown leaves speech of which nothing tells whose it is to nobody, unless it lies near
// speech that is known.
func disown(turns []turn) []turn {
	for i, t := range turns {
		if t.confidence > 0 {
			continue
		}
		before := i > 0 && turns[i-1].confidence > 0 && turns[i-1].voice == t.voice && t.from-turns[i-1].to < nearSpeech
		after := i+1 < len(turns) && turns[i+1].confidence > 0 && turns[i+1].voice == t.voice && turns[i+1].from-t.to < nearSpeech
		if before || after {
			turns[i].confidence = 0.5
		} else {
			turns[i].voice = noVoice
		}
	}
	return turns
}

// joinVoices joins the turns of each voice, and puts all of them in the order of time.
func joinVoices(turns []turn, voices int) (all []turn) {
	inTime := func(a, b turn) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.voice, b.voice)) }
	slices.SortStableFunc(turns, inTime)
	for v := noVoice; v < voices; v++ {
		var own []turn
		for _, t := range turns {
			if t.voice == v {
				own = append(own, t)
			}
		}
		all = append(all, join(own)...)
	}
	slices.SortStableFunc(all, inTime)
	return all
}

// join makes one of turns of the same voice with hardly a pause between.
func join(turns []turn) []turn {
	var joined []turn
	for _, t := range turns {
		n := len(joined) - 1
		if n < 0 || joined[n].voice != t.voice || t.from-joined[n].to >= sameTurn {
			joined = append(joined, t)
			continue
		}
		p := &joined[n]
		share := t.seconds() / (p.seconds() + t.seconds())
		p.confidence += share * (t.confidence - p.confidence)
		p.to = max(p.to, t.to)
	}
	return joined
}
