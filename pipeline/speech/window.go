package speech

import (
	"math"
	"slices"
)

// voiceOn is the probability from which a voice of a window speaks.
const voiceOn = 0.5

// middleOf is the sample in the middle of a frame of window w.
func middleOf(w, frame int) int64 {
	return int64(w)*divideHop + divideHead + int64(frame)*divideStep
}

// alone says of each frame which of the window's voices speaks alone, or noVoice.
func (d divided) alone() []int {
	who := make([]int, d.frames())
	for f := range who {
		who[f] = noVoice
		n := 0
		for v := range divideMost {
			if d.at(f, v) >= voiceOn {
				who[f] = v
				n++
			}
		}
		if n > 1 {
			who[f] = noVoice
		}
	}
	return who
}

// speaks tells whether a voice of the window does at all.
func (d divided) speaks(voice int) bool {
	for f := range d.frames() {
		if d.at(f, voice) >= voiceOn {
			return true
		}
	}
	return false
}

// names are whose the voices of a window are in the recording, or noVoice.
type names [divideMost]int

// name finds out whose the voices of each window are: those that they sound most like
// where they speak alone.
func name(windows []divided, prints []voiceprint, marks [][]float64, voices int) []names {
	list := make([]names, len(windows))
	begin := 0
	for w, d := range windows {
		from, to := int64(w)*divideHop, int64(w)*divideHop+divideLen
		for begin < len(prints) && int64(prints[begin].to)*frameHop < from {
			begin++
		}
		who := d.alone()
		var worth [divideMost][]float64
		for i := begin; i < len(prints) && int64(prints[i].from)*frameHop < to; i++ {
			v, share := mostly(who, w, prints[i])
			if v == noVoice {
				continue
			}
			if worth[v] == nil {
				worth[v] = make([]float64, voices)
			}
			for k, m := range marks[i] {
				worth[v][k] += share * m
			}
		}
		list[w] = d.pick(worth, voices)
	}
	return list
}

// mostly is the voice of window w that speaks alone in most of a print, and in what
// share of it; noVoice where none does in more than half.
func mostly(who []int, w int, p voiceprint) (voice int, share float64) {
	var count [divideMost]float64
	all := 0.0
	first := max(0, (int64(p.from)*frameHop-middleOf(w, 0)+divideStep-1)/divideStep)
	for f := int(first); f < len(who) && middleOf(w, f) < int64(p.to)*frameHop; f++ {
		all++
		if who[f] != noVoice {
			count[who[f]]++
		}
	}
	for v, n := range count {
		if n > all/2 {
			return v, n / all
		}
	}
	return noVoice, 0
}

// pick gives each voice of the window the one that is worth most for it: of all ways
// the best in which no two get the same, as far as the recording has enough of them. One
// that never speaks alone for long gets what is left over, where that is one voice.
func (d divided) pick(worth [divideMost][]float64, voices int) (best names) {
	best = names{noVoice, noVoice, noVoice}
	most := math.Inf(-1)
	var try func(v int, chosen names, sum float64)
	try = func(v int, chosen names, sum float64) {
		if v == divideMost {
			if sum > most {
				best, most = chosen, sum
			}
			return
		}
		chosen[v] = noVoice
		if worth[v] == nil || voices == 0 {
			try(v+1, chosen, sum)
			return
		}
		for k, m := range worth[v] {
			if slices.Contains(chosen[:v], k) {
				m -= math.Abs(m) + 1
			}
			chosen[v] = k
			try(v+1, chosen, sum+m)
		}
	}
	try(0, names{}, 0)
	for v := range divideMost {
		if worth[v] == nil && d.speaks(v) {
			best[v] = best.left(voices)
		}
	}
	return best
}

// left is the one voice of the recording that none of the window's is, or noVoice.
func (n names) left(voices int) int {
	found := noVoice
	for k := range voices {
		switch {
		case slices.Contains(n[:], k):
		case found != noVoice:
			return noVoice
		default:
			found = k
		}
	}
	return found
}

// activity is how probable it is that each voice of the recording speaks, for each 10
// ms: what the windows that see it say on average, those in whose middle it lies the
// most.
func activity(windows []divided, list []names, voices, frames int) [][]float32 {
	rows := make([][]float32, voices)
	for v := range rows {
		rows[v] = make([]float32, frames)
	}
	total := make([]float32, frames)
	for w, d := range windows {
		from := int64(w) * divideHop
		for t := from / frameHop; t < min(int64(frames), (from+divideLen)/frameHop); t++ {
			away := math.Abs(float64(t*frameHop-from-divideLen/2)) / (divideLen / 2)
			weight := float32(1.02 - away)
			total[t] += weight
			f := int(max(0, t*frameHop-from-divideHead+divideStep/2) / divideStep)
			if f >= d.frames() {
				continue
			}
			for v, row := range rows {
				row[t] += weight * float32(d.of(list[w], f, v))
			}
		}
	}
	for _, row := range rows {
		for t := range row {
			row[t] /= max(1e-6, total[t])
		}
	}
	return rows
}

// of is how probable it is that a voice of the recording speaks in a frame.
func (d divided) of(list names, frame, voice int) (p float64) {
	for v, k := range list {
		if k == voice {
			p = max(p, d.at(frame, v))
		}
	}
	return p
}
