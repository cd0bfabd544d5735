package speech_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"path/filepath"
	"testing"

	"dyade/annotate"
	"dyade/pipeline/speech"
)

// sound is one that `make setup` installs, 5 s of it at most, of an ordinary level.
func sound(t *testing.T, file string) []float32 {
	t.Helper()
	path := filepath.Join("..", "..", "share", "sample", "scratch", file)
	cmd := exec.Command("ffmpeg", "-v", "error", "-t", "5", "-i", path, "-ac", "1", "-ar", "16000", "-f", "f32le", "-")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("decode %s: %v", file, err)
	}
	pcm := make([]float32, len(out)/4)
	if err := binary.Read(bytes.NewReader(out), binary.LittleEndian, pcm); err != nil {
		t.Fatal(err)
	}
	power := 0.0
	for _, v := range pcm {
		power += float64(v) * float64(v) / float64(len(pcm))
	}
	for i := range pcm {
		pcm[i] *= float32(math.Pow(10, -28.0/20) / math.Sqrt(power))
	}
	return pcm
}

// inARoom puts a sound at 3 s of 12 s of a quiet room.
func inARoom(pcm []float32) []float32 {
	film := noise(12, -60)
	for i, v := range pcm {
		film[3*speech.Rate+i] += v
	}
	return film
}

// vocals are the seconds of voices without words.
func vocals(heard *speech.Heard) (s float64) {
	for _, u := range heard.Utterances {
		if u.Voice == annotate.VocalVoice {
			s += u.Seconds()
		}
	}
	return s
}

func TestCriesAndLaughs(t *testing.T) {
	for _, file := range []string{"BabyCry.mp3", "Laugh-female.wav"} {
		t.Run(file, func(t *testing.T) {
			pcm := sound(t, file)
			heard := listen(t, inARoom(pcm))
			if s, of := vocals(heard), float64(len(pcm))/speech.Rate; s < 0.8*of || s > 1.1*of {
				t.Errorf("%.2f of %.2f s are heard as a voice without words: %+v", s, of, heard.Utterances)
			}
			if spoken := annotate.Spoken(heard.Utterances); len(spoken) > 0 {
				t.Errorf("words are heard: %+v", spoken)
			}
		})
	}
}

func TestAnimalsToysAndThingsAreNoVoice(t *testing.T) {
	for _, file := range []string{
		"Dog1.wav", "Rooster.wav", "Horse.wav", "DoorCreak.wav", "BellToll.wav", "WaterRunning.mp3", "Rattle.wav",
		"Trumpet1.wav", "GuitarStrum.wav", "Xylo1.mp3", "DrumSet1.mp3", "ComputerBeeps2.wav", "HandClap.wav",
	} {
		t.Run(file, func(t *testing.T) {
			if heard := listen(t, inARoom(sound(t, file))); vocals(heard) > 0 {
				t.Errorf("a voice is heard: %+v", heard.Utterances)
			}
		})
	}
}

// Who speaks is no vocal, and one who cries takes no turn in it.
func TestSpeechIsNoVocal(t *testing.T) {
	pcm, rows := conversation(t)
	if s := vocals(listen(t, pcm)); s > 0.5 {
		t.Errorf("%.1f s of a conversation are heard as a voice without words", s)
	}
	cry := sound(t, "BabyCry.mp3")
	film := append(inARoom(cry), pcm...)
	heard := listen(t, film)
	if s := vocals(heard); s < 2 || s > 3.2 {
		t.Errorf("%.1f s of a cry of 2.6 s are heard before a conversation", s)
	}
	for i := range rows {
		rows[i].from, rows[i].to = rows[i].from+12, rows[i].to+12
	}
	heard.Utterances = annotate.Spoken(heard.Utterances)
	if f := speechF1(heard, rows); f < 0.93 {
		t.Errorf("speech after a cry: F1 %.3f", f)
	}
}
