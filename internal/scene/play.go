package scene

import (
	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Play is a minute and a half in which each kind of moment happens once, with
// its utterances: the input of goldens.
func Play() (Scene, []annotate.Utterance) {
	parent := func(at, x, yaw float64) Key { return Key{At: at, X: x, Y: 400, W: 160, Yaw: yaw} }
	child := func(at, x, yaw float64) Key { return Key{At: at, X: x, Y: 500, W: 115, Yaw: yaw} }
	hidden := child(60, 1300, 0)
	hidden.Hidden = true
	s := Scene{Seconds: 90, Rate: 3, Noise: 3, Actors: []Actor{
		{Look: 0, Keys: []Key{
			parent(0, 500, 0), parent(8, 500, 0), parent(8.4, 500, 45), parent(14, 500, 45), parent(14.4, 500, 0), // face to face
			parent(30, 500, 0), parent(33, 930, 0), parent(52, 930, 0), parent(55, 500, 0), // comes close, plays, goes
		}},
		{Look: 1, Keys: []Key{
			child(0, 1300, 0), child(8, 1300, 0), child(8.4, 1300, -45), child(14, 1300, -45), child(14.4, 1300, 0),
			child(33, 1300, 0), child(33.5, 1230, 0), child(52, 1230, 0), child(54, 1300, 0),
			hidden, child(63, 1300, 0),
			child(81.2, 1300, 0), child(81.6, 1300, -45), child(86, 1300, -45), child(86.4, 1300, 0), // answers a word
		}},
	}}
	s.Motion = func(at float64, col, row int) uint8 {
		if at >= 36 && at < 50 && col >= 16 && col < 19 && row >= 11 && row < 14 {
			return 50
		}
		return 1
	}
	say := func(from, to float64, speaker int) annotate.Utterance {
		return annotate.Utterance{
			Span:    timecode.Span{Start: timecode.At(from, timecode.Voice), End: timecode.At(to, timecode.Voice)},
			Speaker: speaker, Voice: annotate.AdultVoice, Confidence: 0.9,
		}
	}
	return s, []annotate.Utterance{
		say(18, 19.2, 1), say(19.6, 20.4, 2), say(21, 23, 1), say(23.1, 24, 2), // in turn
		say(66, 71, 1),   // a monologue
		say(80.2, 81, 1), // a word
	}
}
