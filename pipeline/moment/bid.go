package moment

import "dyade/annotate"

// bid is one person's start of something: speaking, or turning to the other.
type bid struct {
	cue     string // bid_voice or bid_turn; of comfort, bid_vocal
	at, end int    // steps; end: until when the answer's time does not yet run
	by      string // parent, child; empty where the voice could be either's
}

// bidResponse: one speaks or turns to the other after a while without, and the
// other, who looked elsewhere, turns to them soon after.
func (f *finder) bidResponse() []annotate.Moment {
	var found []annotate.Moment
	answered := -1 // the step of the last answer, which is no bid itself
	for _, b := range f.bids() {
		if b.at <= answered {
			continue
		}
		if m, at, ok := f.answer(b); ok {
			found, answered = append(found, m), at
		}
	}
	return found
}

// bids lists them in order of time.
func (f *finder) bids() []bid {
	rule := f.rules.BidResponse
	quiet := f.stepsOf(rule.QuietS)
	var list []bid
	lastVoice := 0 // before the film nobody knows
	spoken := f.Utterances
	for i := range f.Table.Steps {
		for len(spoken) > 0 && f.stepsOf(spoken[0].Start.Seconds()) <= i {
			from, to := f.stepsOf(spoken[0].Start.Seconds()), f.stepsOf(spoken[0].End.Seconds())
			if from-lastVoice >= quiet && to-from <= f.stepsOf(rule.SpokenS) {
				list = append(list, bid{"bid_voice", from, to, ""})
			}
			lastVoice = max(lastVoice, to)
			spoken = spoken[1:]
		}
		for _, who := range []string{"parent", "child"} {
			if f.turnsAt(who, i, quiet) {
				list = append(list, bid{"bid_turn", i, i, who})
			}
		}
	}
	return list
}

// turnsAt tells whether someone turns to the other at step i, after so many
// steps of being turned elsewhere (known to be, for most of them).
func (f *finder) turnsAt(who string, i, before int) bool {
	s := f.Table.Get(who + "_turned")
	if !s.Is(i) || s.Is(i-1) || i < before {
		return false
	}
	r := run{i - before, i}
	away := func(k int) bool { v, known := s.At(k); return known && v == 0 }
	return shareOf(r, s.Is) == 0 && shareOf(r, away) >= 0.6
}

// answer looks for the other's turn to the one who made the bid.
func (f *finder) answer(b bid) (annotate.Moment, int, bool) {
	rule := f.rules.BidResponse
	before := f.stepsOf(rule.NotTurnedS)
	soonest, latest := b.at+f.stepsOf(rule.SoonestS), b.end+f.stepsOf(rule.LatestS)
	for i := soonest; i <= min(latest, f.Table.Steps-1); i++ {
		for _, who := range []string{"parent", "child"} {
			if who == b.by || !f.turnsAt(who, i, before+i-b.at) {
				continue
			}
			return f.bidMoment(b, who, i), i, true
		}
	}
	return annotate.Moment{}, 0, false
}

func (f *finder) bidMoment(b bid, who string, at int) annotate.Moment {
	rule := f.rules.BidResponse
	turned := f.Table.Get(who + "_turned")
	r := run{b.at, min(f.Table.Steps, at+f.stepsOf(rule.AfterS))}
	latency := max(0, f.Table.Seconds(at)-f.Table.Seconds(b.end))
	after := run{at, min(f.Table.Steps, at+f.stepsOf(2))}
	m := f.moment(annotate.BidResponse, r)
	m.Unknown = shareOf(r, unknown(turned))
	m.Score = rule.Weights.Quick*max(0, 1-latency/(2*rule.LatestS)) + rule.Weights.Stays*shareOf(after, turned.Is)
	m.Confidence = (1 - m.Unknown) * 0.85
	if b.cue == "bid_voice" {
		m.Confidence *= 0.85 // whose voice it was is a guess
	}
	m.Evidence = []annotate.Evidence{
		f.cue(b.cue, run{b.at, max(b.end, b.at+1)}, 1, "count"),
		f.cue("response_turn", run{at, at + 1}, 1, "count"),
		f.cue("response_latency", run{b.at, at + 1}, latency, "s"),
	}
	return m
}
