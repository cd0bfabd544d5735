package signal_test

import (
	"bytes"
	"fmt"
	"testing"

	"dyade/internal/scene"
	"dyade/internal/testenv"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// Every signal of a scripted play, once a second; unknown is "?".
func TestGolden(t *testing.T) {
	const file = "testdata/play.golden.csv"
	s, spoken := scene.Play()
	sightings := s.Sightings()
	heard := signal.Heard{Known: true, Utterances: spoken, Activity: make([]float32, int(s.Seconds/signal.ActivityStep))}
	for i := range heard.Activity {
		for _, u := range spoken {
			if at := float64(i) * signal.ActivityStep; u.Start.Seconds() <= at && at < u.End.Seconds() {
				heard.Activity[i] = 1
			}
		}
	}
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings), Heard: heard})
	var got bytes.Buffer
	fmt.Fprint(&got, "time_s")
	for _, c := range signal.Columns {
		fmt.Fprint(&got, ",", c.Name)
	}
	for i := 0; i < table.Steps; i += 10 {
		fmt.Fprintf(&got, "\n%g", table.Seconds(i))
		for _, c := range table.Series {
			if v, known := c.At(i); known {
				fmt.Fprintf(&got, ",%.3f", v+0) // +0: no negative zero
			} else {
				fmt.Fprint(&got, ",?")
			}
		}
	}
	got.WriteByte('\n')
	testenv.Golden(t, file, got.Bytes())
}

func TestNothingSeenIsUnknownNotZero(t *testing.T) {
	s := scene.Scene{Seconds: 5, Rate: 4}
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: s.Sightings()})
	for _, name := range []string{"parent_x", "child_yaw", "facing", "distance", "speech", "level", "shared_motion", "parent_motion"} {
		for i := range table.Steps {
			if v, known := table.Get(name).At(i); known {
				t.Fatalf("%s is %g at step %d of an empty, silent scene", name, v, i)
			}
		}
	}
}

func TestSoundAloneHasNoPictureSignals(t *testing.T) {
	_, spoken := scene.Play()
	rec := scene.Scene{Seconds: 90}.Recording()
	rec.Video = nil
	table := signal.Build(signal.Input{Recording: rec, Heard: signal.Heard{Known: true, Utterances: spoken, Activity: make([]float32, 2000)}})
	if v, known := table.Get("adult_voice").At(185); !known || v != 1 {
		t.Errorf("adult voice %v, known %v", v, known)
	}
	if v, known := table.Get("adult_voice").At(10); !known || v != 0 {
		t.Errorf("in silence: %v, known %v", v, known)
	}
	// The sound ends after 64 s: what comes after is unknown, not silence.
	for _, name := range []string{"speech", "adult_voice", "overlap"} {
		if v, known := table.Get(name).At(750); known {
			t.Errorf("%s is %g after the end of the sound", name, v)
		}
	}
	if _, known := table.Get("luma").At(10); known {
		t.Error("light is known of a recording without picture")
	}
}
