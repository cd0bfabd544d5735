package coach

import "slices"

// Limits of a sound in which words can be heard.
const (
	quietLevel = -50.0 // dBFS: the loudest tenth of a sound is above it that is not too quiet
	fullLevel  = -9.0  // dBFS of a tenth of a second of speech, whose peaks are some 12 dB higher, above which they are cut
	speaking   = 0.5   // probability of speech
	silent     = 0.2   // below it nobody speaks
	overNoise  = 6.0   // dB by which speech ought to rise above what is heard beside it
	someNoise  = 30    // steps of nobody speaking by which that is told
	longPause  = 15    // steps without speech that people make who play, and a television does not
	longEnough = 200   // steps of sound in which they would make one
)

func (v view) noSound() float64 { return holds(v.Recording.Audio == nil) }

// quiet is judged by the whole recording: in its beginning nobody may speak.
func (v view) quiet() float64 {
	v.steps = v.Table.Steps
	return v.shareOf("level", func(x float64) bool { return x < quietLevel })
}

// inSpeech is the share of the time of speech at which its level meets a condition.
func (v view) inSpeech(meets func(level float64) bool) float64 {
	level, speech := v.Table.Get("level"), v.Table.Get("speech")
	return v.share(func(i int) (is, known bool) {
		x, known := level.At(i)
		return meets(x), known && speech.Value(i) >= speaking
	})
}

func (v view) clipping() float64 {
	return v.inSpeech(func(level float64) bool { return level > fullLevel })
}

// noisy: speech hardly rises above what is heard while nobody speaks.
func (v view) noisy() float64 {
	level, speech := v.Table.Get("level"), v.Table.Get("speech")
	var noise []float64
	for i := range v.steps {
		if x, known := level.At(i); known && speech.Value(i) < silent {
			noise = append(noise, x)
		}
	}
	if len(noise) < someNoise {
		return 0
	}
	slices.Sort(noise)
	floor := noise[len(noise)/2]
	if floor < quietLevel {
		return 0 // faint, and no noise
	}
	return v.inSpeech(func(x float64) bool { return x < floor+overNoise })
}

// television: somebody speaks all the time, with hardly a pause.
func (v view) television() float64 {
	speech := v.Table.Get("speech")
	if v.steps < longEnough {
		return 0
	}
	pause := 0
	speaks := make([]bool, v.steps)
	for i := range v.steps {
		speaks[i] = true
		if x, known := speech.At(i); known && x >= speaking {
			pause = 0
			continue
		}
		switch pause++; {
		case pause == longPause:
			clear(speaks[i+1-longPause : i+1])
		case pause > longPause:
			speaks[i] = false
		}
	}
	return v.share(func(i int) (is, known bool) { _, known = speech.At(i); return speaks[i], known })
}
