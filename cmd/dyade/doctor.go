package main

import (
	"context"
	"fmt"
	"os/exec"

	"dyade/internal/i18n"
	"dyade/internal/version"
	"dyade/models"
)

// doctor checks that all is there that dyade needs, and that it works.
func doctor(_ context.Context, t *terminal, args []string) error {
	f := t.flags("doctor")
	lang := f.String("lang", "", "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "dyade", version.Version)
	bad := reportModels(t)
	for _, name := range []string{"centerface", "silero-vad", "ge2e"} {
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
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		// Only the maker of the sample and the benchmarks call it.
		fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_no_ffmpeg"))
	}
	if bad > 0 {
		return errFailed
	}
	fmt.Fprintln(t.out, i18n.T(t.lang, "doctor_well"))
	return nil
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
