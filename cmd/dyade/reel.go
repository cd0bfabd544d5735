package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"dyade/annotate"
	"dyade/internal/i18n"
	"dyade/pipeline/reel"
)

// doReel is `dyade reel`.
func doReel(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("reel")
	c := picking(f)
	out := f.StringP("output", "o", "", "")
	clips := f.String("clips", "", "")
	provenance := f.String("provenance", "", "")
	asJSON := f.Bool("json", false, "")
	quiet := f.Bool("quiet", false, "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*c.lang); err != nil {
		return err
	}
	if *out == "" && (*clips == "" || *provenance != "" || *asJSON) {
		return wrongUse{i18n.T(t.lang, "cli_help_reel")}
	}
	p, err := c.pick(ctx, t, f.Arg(0), *quiet)
	if err != nil {
		return err
	}
	if err := p.mayRender(t, *out, *clips, *provenance); err != nil {
		return err
	}
	j := rendering{t: t, picked: p, quiet: *quiet, json: *asJSON}
	if *clips != "" {
		if err := j.clips(ctx, *clips); err != nil {
			return err
		}
	}
	if *out == "" {
		return nil
	}
	told, err := j.render(ctx, p.reel, *out)
	if err != nil {
		return explained(err, 0)
	}
	doc, err := json.MarshalIndent(told, "", "  ")
	if err != nil {
		return err
	}
	doc = append(doc, '\n')
	if *provenance != "" {
		if err := writeDocument(*provenance, doc); err != nil {
			return err
		}
	}
	if *asJSON {
		if _, err := t.out.Write(doc); err != nil {
			return err
		}
	}
	return j.summary(told, *out)
}

// mayRender tells what stands against writing a reel, its clips and where it is from;
// empty: not to be written.
func (p *picked) mayRender(t *terminal, out, clips, provenance string) error {
	o := p.outputs(t)
	if out != "" {
		if err := o.film(out); err != nil {
			return err
		}
	}
	if provenance != "" {
		if err := o.document(provenance); err != nil {
			return err
		}
	}
	if clips == "" {
		return nil
	}
	for i := range p.reel.Parts {
		if err := o.clip(clipPath(clips, i)); err != nil {
			return err
		}
	}
	return nil
}

// rendering is a reel that is rendered.
type rendering struct {
	t      *terminal
	picked *picked
	quiet  bool
	json   bool // standard output is for that alone
}

func (j *rendering) render(ctx context.Context, r annotate.Reel, out string) (*reel.Provenance, error) {
	progress := newProgress(j.t, j.quiet)
	told, err := reel.Render(ctx, r, j.picked.films, out, reel.Options{
		Progress: func(done, of float64) { progress.tell(stageReel, done/of) },
	})
	progress.end()
	return told, err
}

// explained is why a reel cannot be rendered, in words, where it is the reel's fault; its
// parts are counted from after some.
func explained(err error, after int) error {
	var unfit *reel.Unfit
	if !errors.As(err, &unfit) {
		return err
	}
	one := *unfit
	one.Part += after
	return unfitting(&one)
}

// unfitting says why a reel cannot be rendered as it is, and which part is at fault.
func unfitting(unfit *reel.Unfit) *refusal {
	r := &refusal{key: "reel_unfit_" + string(unfit.Why)}
	if unfit.Part > 0 {
		r.args = []any{unfit.Part}
	}
	return r
}

// clips renders each part to a file of its own.
func (j *rendering) clips(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, part := range j.picked.reel.Parts {
		one := j.picked.reel
		one.Parts = []annotate.Part{part}
		out := clipPath(dir, i)
		told, err := j.render(ctx, one, out)
		if err != nil {
			return explained(err, i)
		}
		if err := j.summary(told, out); err != nil {
			return err
		}
	}
	return nil
}

// summary says what was made, and what is missing in it.
func (j *rendering) summary(told *reel.Provenance, out string) error {
	if j.quiet {
		return nil
	}
	if n := len(told.Lost); n > 0 {
		j.t.say("reel_lost", n)
	}
	if j.json {
		return nil
	}
	copied := 0
	for _, r := range told.Ranges {
		if r.Made == reel.Copied {
			copied += r.Last - r.First + 1
		}
	}
	share := float64(copied) / float64(told.Film.Frames)
	_, err := fmt.Fprintln(j.t.out, i18n.T(j.t.lang, "reel_done", out, i18n.Duration(j.t.lang, told.Film.DurationS), i18n.Percent(j.t.lang, share)))
	return err
}
