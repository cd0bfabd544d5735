package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"dyade/annotate/archive"
	"dyade/annotate/store"
	"dyade/internal/i18n"
	"dyade/internal/version"
	"dyade/models"
	"dyade/models/manifest"
)

// doctor checks that all is there that an analysis needs, and that it works, and
// that what the data folder holds is sound; in a source checkout also what the
// sample's maker and the tests need.
func doctor(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("doctor")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "dyade", version.Version)
	bad := reportModels(t)
	for _, name := range []string{"centerface", "silero-vad", "pyannet", "ge2e"} {
		s, err := models.Open(name, 1)
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", name, err))
			bad++
			continue
		}
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_runs", name))
	}
	if err := reportHardware(t); err != nil {
		return err
	}
	reportCache(t)
	unsound, err := reportData(ctx, t, *data)
	if err != nil {
		return err
	}
	bad += unsound
	well := i18n.T(t.lang, "doctor_well_analyze")
	if root, ok := checkout(); ok {
		bad += reportForTests(t, root)
		well = i18n.T(t.lang, "doctor_well")
	}
	if bad > 0 {
		return errFailed
	}
	fmt.Fprintln(t.out, well)
	return nil
}

// reportData reads all that the data folder holds, where it holds anything, and
// counts what is wrong.
func reportData(ctx context.Context, t *terminal, flag string) (bad int, err error) {
	dir, err := chosen(flag)
	if err != nil || !hasData(dir) {
		return 0, nil //nolint:nilerr // without a home there is nothing in it
	}
	t.say("doctor_checking", dir)
	var h archive.Health
	err = withData(ctx, t, dir, func(of holder) (err error) {
		h, err = of.check(ctx)
		return err
	})
	var refused *refusal
	switch {
	case ctx.Err() != nil:
		return 0, errors.Join(ctx.Err(), err)
	case errors.As(err, &refused):
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", dir, i18n.T(t.lang, refused.key, refused.args...)))
		if refused.detail != nil {
			fmt.Fprintln(t.out, i18n.T(t.lang, "cli_detail", refused.detail))
		}
		return 1, nil
	case errors.Is(err, store.ErrNewer):
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", dir, i18n.T(t.lang, "data_newer", databaseFile)))
		return 1, nil
	case err != nil:
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", dir, err))
		return 1, nil
	}
	for _, p := range h.Problems {
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", cmp.Or(p.Name, dir), i18n.T(t.lang, "data_"+string(p.Code))))
		fmt.Fprintln(t.out, i18n.T(t.lang, "cli_detail", p.Detail))
	}
	if len(h.Problems) == 0 {
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_data", dir, h.Recordings, float64(h.Bytes)/1e6))
	}
	return len(h.Problems), nil
}

// checkout is the source folder that the models lie in, where they lie in one.
func checkout() (root string, ok bool) {
	share, err := models.ShareDir()
	if err != nil {
		return "", false
	}
	if share, err = filepath.Abs(share); err != nil {
		return "", false
	}
	root = filepath.Dir(filepath.Dir(share))
	if share != filepath.Join(root, "share", manifest.Run.Dir()) {
		return "", false
	}
	_, err = os.Stat(filepath.Join(root, "go.mod"))
	return root, err == nil
}

// testPrograms make the sample, look at the report and read the signals in
// tests; Python is the interpreter that set-up fetches pyarrow for.
var testPrograms = []string{"ffmpeg", "chromium", "/usr/bin/python3"}

// reportForTests lists what only the sample's maker and the tests need, and
// counts what is missing or faulty.
func reportForTests(t *terminal, root string) (bad int) {
	fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_for_tests"))
	for _, e := range manifest.Entries() {
		if e.Use == manifest.Run {
			continue
		}
		sum, err := manifest.Sum(filepath.Join(root, "share", filepath.FromSlash(e.Path())))
		line := i18n.T(t.lang, "doctor_good", e.Name, e.Package.Version, e.Licence)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			line = i18n.T(t.lang, "doctor_missing", e.Name)
		case err != nil:
			line = i18n.T(t.lang, "doctor_bad", e.Name, err)
		case sum != e.SHA256:
			line = i18n.T(t.lang, "doctor_changed", e.Name)
		}
		if err != nil || sum != e.SHA256 {
			bad++
		}
		fmt.Fprintln(t.out, line)
	}
	for _, name := range testPrograms {
		path, err := exec.LookPath(name)
		if err != nil {
			fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_missing", name))
			bad++
			continue
		}
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_program", filepath.Base(name), path))
	}
	return bad
}

// verifyModels is `dyade models verify`.
func verifyModels(_ context.Context, t *terminal, args []string) error {
	f := t.flags("models")
	lang := f.String("lang", "", "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if f.Arg(0) != "verify" {
		return wrongUse{i18n.T(t.lang, "cli_help_models")}
	}
	if reportModels(t) > 0 {
		return errFailed
	}
	return nil
}

// reportModels lists every file of the manifest, and counts the faulty ones.
func reportModels(t *terminal) int {
	problems := models.Verify()
	bad := map[string]string{}
	for _, p := range problems {
		bad[p.Entry.Name] = p.Reason
	}
	if reason, ok := bad[""]; ok {
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", "models", reason))
		return len(problems)
	}
	for _, e := range models.Manifest() {
		if reason, ok := bad[e.Name]; ok {
			fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_bad", e.Name, reason))
		} else {
			fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_good", e.Name, e.Package.Version, e.Licence))
		}
	}
	return len(problems)
}
