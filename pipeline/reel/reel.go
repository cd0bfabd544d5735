// Package reel renders a reel: cuts of films and cards, in order, to one MP4 that phones,
// browsers and old televisions play.
//
// What of a film is shown as it was coded is copied, bit for bit, wherever the result is
// sure to play; the rest is decoded and coded anew. Pictures keep the times that the
// film gives them. Times of sound are taken from those of pictures, so that the two
// never drift apart.
package reel

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"dyade/annotate"
	"dyade/pipeline/encode/movie"
	"dyade/pipeline/reel/letter"
)

// Options are how a reel is rendered.
type Options struct {
	Threads int // for decoding, and for coding; 0: one for each core
	// Encode has all pictures coded anew.
	Encode bool
	// Progress is told how many seconds of how many are done, and while films are opened
	// that none is, of one; nil: nobody is.
	Progress func(done, of float64)

	plain bool // all colours become those of BT.709
}

// Render renders a reel to a file that is there when all is well, and else is what it
// was before. The films' paths go by the sha256 of what they hold. What of a film
// cannot be decoded is missing.
func Render(ctx context.Context, r annotate.Reel, films map[string]string, out string, o Options) (*Provenance, error) {
	if err := check(r); err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = func(float64, float64) {}
	}
	if err := Place(out, slices.Collect(maps.Values(films))...); err != nil {
		return nil, fmt.Errorf("render a reel to %s: %w", out, err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(out), ".dyade-*")
	if err != nil {
		return nil, fmt.Errorf("render a reel to %s: %w", out, err)
	}
	defer os.RemoveAll(dir)
	opened, err := openFilms(ctx, r, films, func() { o.Progress(0, 1) })
	if err != nil {
		return nil, err
	}
	defer closeFilms(opened)
	aside := filepath.Join(dir, "reel.mp4")
	told, err := render(ctx, r, opened, aside, o)
	for again(ctx, err, &o) {
		told, err = render(ctx, r, opened, aside, o)
	}
	if err != nil {
		return nil, fmt.Errorf("render a reel: %w", err)
	}
	if err := os.Rename(aside, out); err != nil {
		return nil, fmt.Errorf("render a reel to %s: %w", out, err)
	}
	return told, nil
}

// again tells whether an error may be gone when some is done otherwise.
func again(ctx context.Context, err error, o *Options) bool {
	switch {
	case ctx.Err() != nil:
		return false
	case errors.Is(err, errUnsafe) && !o.Encode:
		o.Encode = true
	case errors.Is(err, errMixed) && !o.plain:
		o.plain = true
	default:
		return false
	}
	return true
}

// Errors that Place gives.
var (
	ErrItself = errors.New("the reel is made from this")
	ErrNoFile = errors.New("there is something that is no file")
)

// Place tells why a reel cannot be put at a path, whatever it will be: it would take the
// place of one of those that it is made from, or of what is no file.
func Place(path string, from ...string) error {
	there, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range from {
		if one, err := os.Stat(f); err == nil && os.SameFile(one, there) {
			return ErrItself
		}
	}
	if !there.Mode().IsRegular() {
		return ErrNoFile
	}
	return nil
}

// Rendered tells whether the file at a path is a reel of Render's.
func Rendered(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return movie.Written(f)
}

// errUnsafe says that something cannot be copied after all.
var errUnsafe = errors.New("pictures of this film cannot be copied")

// errMixed says that the pictures of a film mean their colours now so, now so.
var errMixed = errors.New("the colours of this film change on the way")

// Why a reel cannot be rendered. The strings are stable: messages are translated by them.
type Why string

// Reasons.
const (
	NoParts   Why = "no_parts"   // there is nothing in it
	NoLetters Why = "no_letters" // a part has words in letters that cannot be drawn
	NotOne        = Why(annotate.NotOne)
	BadTime       = Why(annotate.BadTime)
	NoFilm    Why = "no_film"    // the film of a cut is not there
	NoPicture Why = "no_picture" // a cut has no picture
	Damaged   Why = "damaged"    // a cut has none that can be decoded
	TooLong   Why = "too_long"   // all together last too long
)

// Unfit is the error for a reel that cannot be rendered as it is.
type Unfit struct {
	Part      int    // its number, from 1; 0: the reel as a whole
	Recording string // of a film that is not there
	Why       Why
}

func (e *Unfit) Error() string {
	return fmt.Sprintf("part %d of the reel cannot be rendered: %s %s", e.Part, e.Why, e.Recording)
}

// mostReel is how long all may last, in seconds.
const mostReel = 6 * 3600

// check looks at what can be told without the films.
func check(r annotate.Reel) error {
	if len(r.Parts) == 0 {
		return &Unfit{Why: NoParts}
	}
	for i, p := range r.Parts {
		why := Why(p.Fault())
		if why == "" && !letter.Legible(words(p)) {
			why = NoLetters
		}
		if why != "" {
			return &Unfit{Part: i + 1, Why: why}
		}
	}
	return nil
}

// words are those that are drawn.
func words(p annotate.Part) string {
	if p.Card != nil {
		return p.Card.Text
	}
	return p.Cut.Caption
}
