package moment

import (
	"math"

	"dyade/annotate"
)

// turn is one voice's speech until another takes over.
type turn struct {
	speaker    int
	start, end float64
	spoken     float64 // seconds of speech in it
	sure       float64 // confidence of its speaker
}

// unseen takes from the confidence of an exchange of which nobody is seen.
const unseen = 0.6

// aside is the longest sound of an unknown voice, in seconds, that is passed
// over; a longer one ends a chain, because it could be anybody's turn.
const aside = 0.5

// turns joins successive utterances of the same voice to turns, and turns that
// follow each other to chains. What is said while another goes on speaking (a
// backchannel, Yngve 1970) takes no turn.
func turns(utterances []annotate.Utterance, pause float64) [][]turn {
	var chains [][]turn
	var chain []turn
	flush := func() {
		if len(chain) > 0 {
			chains = append(chains, chain)
		}
		chain = nil
	}
	for _, u := range utterances {
		t := turn{u.Speaker, u.Start.Seconds(), u.End.Seconds(), u.Seconds(), u.Confidence}
		if u.Speaker == 0 && u.Seconds() <= aside {
			continue
		}
		n := len(chain)
		if n > 0 && u.Speaker != chain[n-1].speaker && t.end <= chain[n-1].end {
			continue
		}
		if u.Speaker == 0 || n > 0 && t.start-chain[n-1].end > pause {
			flush()
			n = 0
		}
		switch {
		case u.Speaker == 0:
		case n > 0 && chain[n-1].speaker == u.Speaker:
			last := &chain[n-1]
			last.end, last.spoken = max(last.end, t.end), last.spoken+t.spoken
			last.sure = max(last.sure, t.sure)
		default:
			chain = append(chain, t)
		}
	}
	flush()
	return chains
}

// turnTaking: voices alternate, each soon after the other.
func (f *finder) turnTaking() []annotate.Moment {
	rule := f.rules.TurnTaking
	if !f.mayTalk() {
		return nil
	}
	var found []annotate.Moment
	for _, chain := range turns(f.Utterances, rule.MostPauseS) {
		for _, part := range f.parts(chain) {
			if len(part) >= rule.LeastTurns {
				found = append(found, f.exchange(part))
			}
		}
	}
	return found
}

// mayTalk tells whether there may be two who talk to each other. Where one is alone in
// the picture, other voices are nobody's who can be shown.
func (f *finder) mayTalk() bool {
	there := 0
	for _, p := range f.People {
		if p.Role != annotate.Picture {
			there++
		}
	}
	return f.Width == 0 || there != 1
}

// parts cuts a long exchange where its pauses are longest, so that each part
// can be shown; one of too few turns for two exchanges stays whole.
func (f *finder) parts(chain []turn) [][]turn {
	rule := f.rules.TurnTaking
	if len(chain) < 2*rule.LeastTurns || chain[len(chain)-1].end-chain[0].start <= rule.MostS {
		return [][]turn{chain}
	}
	cut, longest := len(chain)/2, math.Inf(-1)
	for i := rule.LeastTurns; i <= len(chain)-rule.LeastTurns; i++ {
		if pause := chain[i].start - chain[i-1].end; pause > longest {
			cut, longest = i, pause
		}
	}
	return append(f.parts(chain[:cut]), f.parts(chain[cut:])...)
}

// unsure is the share of a stretch in which someone speaks of whom it is not
// clear who they are.
func (f *finder) unsure(from, to float64) float64 {
	const doubt = 0.35 // confidence in the speaker below which it is not clear
	total := 0.0
	for _, u := range f.Utterances {
		if u.Speaker == 0 || u.Confidence < doubt {
			total += max(0, min(to, u.End.Seconds())-max(from, u.Start.Seconds()))
		}
	}
	return total / max(0.1, to-from)
}

// exchange turns a chain of turns into a proposal.
func (f *finder) exchange(chain []turn) annotate.Moment {
	rule := f.rules.TurnTaking
	first, last := chain[0], chain[len(chain)-1]
	m := annotate.Moment{Kind: annotate.TurnTaking, StartS: first.start, EndS: last.end}
	latency, overlap, sure := 0.0, 0.0, 0.0
	spoken := map[int]float64{}
	for i, t := range chain {
		m.EndS = max(m.EndS, t.end)
		sure += t.sure / float64(len(chain))
		spoken[t.speaker] += t.spoken
		if i > 0 {
			gap := t.start - chain[i-1].end
			latency += max(0, gap) / float64(len(chain)-1)
			overlap += max(0, -gap)
		}
	}
	least, most := math.Inf(1), 0.0
	for _, s := range spoken {
		least, most = min(least, s), max(most, s)
	}
	m.Score = rule.Weights.Turns*min(1, float64(len(chain))/rule.FullTurns) +
		rule.Weights.Quick*math.Exp(-latency/2) + rule.Weights.Balance*least/most
	m.Confidence = sure
	if f.Width > 0 && len(f.People) == 0 {
		m.Confidence *= unseen
	}
	m.Unknown = f.unsure(m.StartS, m.EndS)
	cue := func(name string, value float64, unit string) {
		m.Evidence = append(m.Evidence, annotate.Evidence{Cue: name, StartS: m.StartS, EndS: m.EndS, Value: value, Unit: unit})
	}
	cue("turns", float64(len(chain)), "count")
	cue("response_latency", latency, "s")
	if overlap > 0.1 {
		cue("overlap", overlap, "s")
	}
	r := run{f.stepsOf(m.StartS), f.stepsOf(m.EndS)}
	if behind := shareOf(r, f.Table.Get("background_voice").Is); behind*f.seconds(r) >= 1 {
		m.Confidence *= 1 - (1-rule.SureBesideBackground)*behind
		cue("background_voice", behind*f.seconds(r), "s")
	}
	if facing := shareOf(r, f.Table.Get("facing").Is) * f.seconds(r); facing >= 1 {
		cue("turned_to_each_other", facing, "s")
	}
	return m
}
