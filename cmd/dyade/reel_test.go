package main

import (
	"testing"

	"dyade/internal/i18n"
	"dyade/pipeline/reel"
)

// TestReelsThatDoNotFitAreExplained: every reason has words.
func TestReelsThatDoNotFitAreExplained(t *testing.T) {
	for _, why := range []reel.Why{reel.NoParts, reel.NotOne, reel.BadTime, reel.NoFilm, reel.NoPicture} {
		if !i18n.Has("reel_unfit_" + string(why)) {
			t.Errorf("no text for %s", why)
		}
	}
}
