package speech

// frames keeps what is needed of the sound to tell voices apart: the spectrum
// each 10 ms and the pitch each 20 ms, a byte per value.
type frames struct {
	mel   *melBank
	pitch *pitcher
	pages [][]byte // spectra, pageLen of them on each
	count int      // spectra so far
	tones []byte   // pitches so far, as pitcher.code gives them

	sound []float32 // from sample base on
	base  int64
}

const (
	frameHop = Rate / 100
	toneHop  = 2 * frameHop
	margin   = pitchLen / 2 // samples that a frame needs on each side of its middle
	pageLen  = 6000         // spectra in a page: a minute

	maybeSpeech = 0.2 // probability under which no pitch is looked for in what is faint
)

func newFrames() *frames {
	return &frames{mel: newMelBank(), pitch: newPitcher(), sound: make([]float32, margin), base: -margin}
}

// hear takes the next block; probs and levels reach to its end.
func (f *frames) hear(block, probs, levels []float32) {
	f.sound = append(f.sound, block...)
	f.take(probs, levels, f.base+int64(len(f.sound))-margin)
}

// end takes what is left, as if silence followed.
func (f *frames) end(probs, levels []float32) {
	end := f.base + int64(len(f.sound))
	f.sound = append(f.sound, make([]float32, margin)...)
	f.take(probs, levels, end)
	f.sound = nil
}

// take computes the frames whose middle lies before limit and drops the sound
// that no later one needs.
func (f *frames) take(probs, levels []float32, limit int64) {
	at := int64(f.count) * frameHop
	for ; at < limit; at += frameHop {
		around := f.sound[at-margin-f.base:][:2*margin]
		page := f.page()
		*page = f.mel.append(*page, around[margin-melLen/2:][:melLen])
		if at%toneHop == 0 {
			var tone byte
			if probs[min(int(at/vadHop), len(probs)-1)] >= maybeSpeech || stirs(levels, at, toneHop) {
				tone = f.pitch.code(around)
			}
			f.tones = append(f.tones, tone)
		}
		f.count++
	}
	if drop := at - margin - f.base; drop > 0 {
		f.sound = append(f.sound[:0], f.sound[min(drop, int64(len(f.sound))):]...)
		f.base += drop
	}
}

// page is where the next spectrum goes.
func (f *frames) page() *[]byte {
	if f.count%pageLen == 0 {
		f.pages = append(f.pages, make([]byte, 0, pageLen*melBands))
	}
	return &f.pages[len(f.pages)-1]
}

// spectrum of frame i, as melBank.append gave it.
func (f *frames) spectrum(i int) []byte {
	return f.pages[i/pageLen][i%pageLen*melBands:][:melBands]
}
