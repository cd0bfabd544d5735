package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"

	"dyade/annotate/export"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
	"dyade/pipeline/decode"
)

// doExport is `dyade export`.
func doExport(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("export")
	c := picking(f)
	form := f.String("form", "", "")
	out := f.StringP("output", "o", "", "")
	quiet := f.Bool("quiet", false, "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*c.lang); err != nil {
		return err
	}
	if *out == "" {
		return wrongUse{i18n.T(t.lang, "cli_help_export")}
	}
	if *form == "" {
		*form = strings.TrimPrefix(filepath.Ext(*out), ".")
	}
	p, err := c.pick(ctx, t, f.Arg(0), *quiet)
	if err != nil {
		return err
	}
	if err := p.outputs(t).document(*out); err != nil {
		return err
	}
	films, err := p.described(ctx)
	if err != nil {
		return err
	}
	var doc bytes.Buffer
	err = export.Write(&doc, export.Form(*form), p.reel, films)
	for known, key := range map[error]string{
		export.ErrForm: "export_no_form", export.ErrFilms: "export_one_film", export.ErrRates: "export_one_rate", export.ErrEmpty: "export_no_cut",
	} {
		if errors.Is(err, known) {
			return wrongUse{i18n.T(t.lang, key, *form)}
		}
	}
	if err != nil {
		return err
	}
	for _, x := range films {
		if x.Rate.Variable && export.Form(*form) == export.EDL && !*quiet {
			t.say("export_uneven", x.Name)
		}
	}
	return writeDocument(*out, doc.Bytes())
}

// described are the films as editors are told of them.
func (p *picked) described(ctx context.Context) (map[string]export.Film, error) {
	all := map[string]export.Film{}
	for sum, path := range p.films {
		src, err := decode.Open(ctx, path)
		if err != nil {
			return nil, err
		}
		r := src.Recording()
		x := export.Film{Name: filepath.Base(path), Duration: r.Duration, Sound: r.Audio != nil}
		if x.Path, err = filepath.Abs(path); err != nil {
			x.Path = path
		}
		var times []timecode.Instant
		if ix := src.Index(); ix != nil {
			for _, i := range ix.Shown() {
				times = append(times, ix.Time(i))
			}
		}
		x.Rate = export.RateOf(times)
		src.Close()
		all[sum] = x
	}
	return all, nil
}
