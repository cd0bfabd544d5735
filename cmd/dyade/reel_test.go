package main

import (
	"strings"
	"testing"

	"dyade/annotate/shown"
	"dyade/internal/i18n"
	"dyade/pipeline/reel"
)

// TestReelsThatDoNotFitAreExplained: every reason has words, in the command line and in
// the page.
func TestReelsThatDoNotFitAreExplained(t *testing.T) {
	for _, why := range []reel.Why{reel.NoParts, reel.NoLetters, reel.NotOne, reel.BadTime, reel.NoFilm, reel.NoPicture, reel.Damaged, reel.TooLong} {
		for _, key := range []string{"reel_unfit_", "reel_failed_"} {
			if !i18n.Has(key + string(why)) {
				t.Errorf("no text for %s", key+string(why))
			}
		}
		unfit := &reel.Unfit{Why: why, Part: 3}
		if why == reel.NoParts {
			unfit.Part = 0
		}
		if text := unfitting(unfit).Error(); strings.Contains(text, "%!") {
			t.Errorf("it says: %s", text)
		}
	}
	for _, why := range []string{shown.UncutCrash, shown.UncutFull, shown.UncutMissing, shown.UncutFailing} {
		if !i18n.Has("reel_failed_" + why) {
			t.Errorf("no text for %s", why)
		}
	}
}
