package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/timecode"
	"dyade/annotate/web/client"
	"dyade/pipeline/signal"
)

// recording is a long one, as a data folder has it once it is analysed.
type recording struct {
	annotate.Recording
	film      string
	copy      string // of it, in the form in which copies are
	id, visit string
	random    *rand.Rand
}

const unit = 60 // seconds that the film repeats

// record makes a data folder with an analysed recording in it.
func record(ctx context.Context, dir string, minutes, moments int) (*recording, error) {
	r := &recording{film: filepath.Join(dir, "film.mp4"), copy: filepath.Join(dir, "copy.mp4"), random: rand.New(rand.NewPCG(1, 1))}
	if err := r.make(ctx, dir, minutes); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	media, err := blob.OpenFolder(filepath.Join(data, "media"))
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, filepath.Join(data, "dyade.db"), time.Now)
	if err != nil {
		return nil, err
	}
	err = r.submit(ctx, s, media)
	if err == nil {
		err = r.analyse(ctx, s, media, moments)
	}
	return r, errors.Join(err, s.Close())
}

// make makes a film as a telephone does, with a picture a second from which it can be
// decoded, and its review copy, by repeating a minute of each.
func (r *recording) make(ctx context.Context, dir string, minutes int) error {
	const h264 = " -c:v libx264 -preset veryfast -pix_fmt yuv420p "
	film, small := filepath.Join(dir, "film-minute.mp4"), filepath.Join(dir, "copy-minute.mp4")
	often := fmt.Sprintf("-stream_loop %d", minutes-1)
	for _, x := range []struct{ how, film string }{
		{"-f lavfi -i testsrc2=s=1920x1080:r=30:d=60 -f lavfi -i sine=f=220:d=60:r=48000 -shortest -b:v 3M -g 30 -bf 2 -sc_threshold 0" + h264 + "-c:a aac -b:a 64k", film},
		{"-i " + film + " -vf scale=960:540 -b:v 800k -g 15 -bf 0" + h264 + "-c:a copy", small},
		{often + " -i " + film + " -c copy -movflags +faststart", r.film},
		{often + " -i " + small + " -c copy -movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx", r.copy},
	} {
		if err := ffmpeg(ctx, x.how, x.film); err != nil {
			return err
		}
	}
	info, err := os.Stat(r.film)
	if err != nil {
		return err
	}
	length := timecode.Instant{Ticks: int64(minutes) * unit * 1000, Base: timecode.Base{Num: 1, Den: 1000}}
	r.Recording = annotate.Recording{
		Name: "film.mp4", SizeBytes: info.Size(), Container: "mov,mp4,m4a,3gp,3g2,mj2", DurationS: length.Seconds(), Duration: length,
		Video: &annotate.Video{Codec: "h264", Width: 1920, Height: 1080, BitDepth: 8, Base: timecode.Base{Num: 1, Den: 15360}, Frames: minutes * unit * 30},
		Audio: &annotate.Audio{Stream: 1, Codec: "aac", Rate: 48000, Channels: 1, Base: timecode.Base{Num: 1, Den: 48000}},
	}
	return nil
}

func ffmpeg(ctx context.Context, how, film string) error {
	args := append([]string{"-v", "error", "-nostdin", "-y"}, strings.Fields(how)...)
	if out, err := exec.CommandContext(ctx, "ffmpeg", append(args, film)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, out)
	}
	return nil
}

func (r *recording) submit(ctx context.Context, s *store.Store, media *blob.Folder) error {
	f, err := os.Open(r.film)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, size, err := media.Put(ctx, f)
	if err != nil {
		return err
	}
	r.SHA256 = string(sum)
	ids, err := s.Submit(ctx, store.Submission{Sum: sum, Name: r.Name, SizeBytes: size, Queue: store.Interactive, First: store.NewStep{Key: "probe", Name: "probe"}})
	if err != nil {
		return err
	}
	x, err := s.Recording(ctx, ids[0])
	r.id, r.visit = ids[0], x.Visit
	return err
}

// analyse gives the recording results as of an analysis.
func (r *recording) analyse(ctx context.Context, s *store.Store, media *blob.Folder, moments int) error {
	probe, err := json.Marshal(r.Recording)
	if err != nil {
		return err
	}
	found, err := json.Marshal(r.found(moments))
	if err != nil {
		return err
	}
	var signals bytes.Buffer
	if err := signal.WriteParquet(&signals, r.signals()); err != nil {
		return err
	}
	files := map[string]blob.Sum{}
	for name, doc := range map[string]io.Reader{"moments.json": bytes.NewReader(found), "signals.parquet": &signals} {
		if files[name], _, err = media.Put(ctx, doc); err != nil {
			return err
		}
	}
	length := time.Duration(r.DurationS * float64(time.Second))
	last := store.NewStep{Key: "report", Name: "report"}
	for _, o := range []store.Outcome{{Result: files["moments.json"], Probe: probe, Length: length, Then: &last}, {Files: files}} {
		steps, err := s.Claim(ctx, 1)
		if err != nil {
			return err
		}
		if ok, _, err := s.Accept(ctx, steps[0].ID, o); err != nil || !ok {
			return fmt.Errorf("the results were not taken: %w", err)
		}
	}
	return nil
}

var kinds = []annotate.MomentKind{annotate.FaceToFace, annotate.TurnTaking, annotate.BidResponse, annotate.Approach, annotate.SharedEngagement}

func (r *recording) found(moments int) annotate.Analysis {
	a := annotate.Analysis{
		Schema: annotate.AnalysisSchema, Recording: r.Recording, Models: []annotate.ModelUsed{}, Quality: []annotate.Warning{},
		People: []annotate.Person{{ID: "p1", Role: annotate.Parent, RoleConfidence: 0.8}, {ID: "p2", Role: annotate.Child, RoleConfidence: 0.8}},
	}
	at := func(s float64) timecode.Instant {
		return timecode.Instant{Ticks: int64(s * 1000), Base: timecode.Base{Num: 1, Den: 1000}}
	}
	for i := range moments {
		start := r.random.Float64() * (r.DurationS - 20)
		end := start + 2 + r.random.Float64()*15
		a.Moments = append(a.Moments, annotate.Moment{
			ID: fmt.Sprintf("m%010d", i), Kind: kinds[i%len(kinds)], StartS: start, EndS: end, Start: at(start), End: at(end), Score: 1 - float64(i)/float64(moments), Confidence: 0.7,
			Unknown: r.random.Float64() / 4, People: []string{"p1", "p2"},
			Evidence: []annotate.Evidence{{Cue: "turned_to_each_other", StartS: start, EndS: end, Value: end - start, Unit: "s"}},
		})
	}
	for s := 1.0; s < r.DurationS-4; s += 1 + r.random.Float64()*4 {
		voice := []annotate.Voice{annotate.AdultVoice, annotate.ChildVoice, annotate.UnknownVoice}[r.random.IntN(3)]
		a.Speech = append(a.Speech, annotate.Utterance{Span: timecode.Span{Start: at(s), End: at(s + 0.8)}, Speaker: 1, Voice: voice, Confidence: 0.5})
	}
	return a
}

// signals wander, and are not known for a tenth of the time.
func (r *recording) signals() *signal.Table {
	t := &signal.Table{Step: timecode.Grid, Steps: int(r.DurationS * 10)}
	for _, c := range signal.Columns {
		s := signal.NewSeries(c.Name, t.Steps)
		v, known := 1.5, true
		for i := range t.Steps {
			if r.random.IntN(60) == 0 {
				known = r.random.IntN(10) > 0
			}
			v = max(0.2, v+r.random.NormFloat64()/10)
			switch {
			case !known:
			case strings.HasSuffix(c.Name, "_seen") || c.Name == "facing":
				s.Set(i, float64(i/70%2))
			default:
				s.Set(i, v)
			}
		}
		t.Series = append(t.Series, s)
	}
	return t
}

// ready waits until the film's frames, its waveform and a clip are there.
func (r *recording) ready(ctx context.Context, server *client.Client) error {
	for _, what := range []string{"/frames", "/waveform", "/clip?from_ms=0&to_ms=500"} {
		if err := ask(ctx, server, "/api/recordings/"+r.id+what); err != nil {
			return err
		}
	}
	return nil
}

// clipped waits until the clips of the best moments are made.
func (r *recording) clipped(ctx context.Context, data string) error {
	const best = 8
	for {
		clips, err := filepath.Glob(filepath.Join(data, "shown", r.SHA256, "clip-*.mp4"))
		if err != nil || len(clips) > best { // and the one that was asked for
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// copied puts the film's copy where a server has begun to make it.
func (r *recording) copied(data string) error {
	at := filepath.Join(data, "shown", r.SHA256)
	clips, err := filepath.Glob(filepath.Join(at, "clip-0-500-*.mp4"))
	if err != nil || len(clips) != 1 {
		return fmt.Errorf("the clip is not where it was: %v, %w", clips, err)
	}
	edition := clips[0][strings.LastIndex(clips[0], "-"):]
	return os.Rename(r.copy, filepath.Join(at, "copy"+edition))
}

func ask(ctx context.Context, server *client.Client, path string) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", "Bearer "+server.Token)
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		return err
	}
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, a.Status)
	}
	return nil
}
