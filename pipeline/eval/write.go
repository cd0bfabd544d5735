package eval

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/eval/page"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/media"
)

// shotWidth is that of the pictures of the worst cases, in pixels.
const shotWidth = 320

// WritePage writes the report as a page at path, and its pictures into
// images/STEM/ beside it, where it replaces an earlier page's.
func WritePage(ctx context.Context, path string, r *report.Report) error {
	shots, err := shoot(ctx, r.Worst)
	if err != nil {
		return err
	}
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	markdown, files := page.Make(r, shots, "images/"+stem)
	dir := filepath.Join(filepath.Dir(path), "images", stem)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the page's pictures (choose another place with --report): %w", err)
	}
	old, _ := filepath.Glob(filepath.Join(dir, "worst-*.jpg")) // the pattern is well formed
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("remove a picture of an earlier page: %w", err)
		}
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			return fmt.Errorf("write a picture of the page (is the disk full?): %w", err)
		}
	}
	if err := os.WriteFile(path, markdown, 0o644); err != nil {
		return fmt.Errorf("write the page (choose another place with --report): %w", err)
	}
	return nil
}

// shoot takes a picture of each case; of sound alone there is none.
func shoot(ctx context.Context, list []report.Worst) ([]page.Shot, error) {
	shots := make([]page.Shot, len(list))
	for i, c := range list {
		shot, err := still(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("take a picture of %s at %.1f s: %w", c.Recording, c.AtS, err)
		}
		shots[i] = shot
	}
	return shots, nil
}

func still(ctx context.Context, c report.Worst) (page.Shot, error) {
	src, err := decode.Open(ctx, c.Media)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	t, err := media.Still(ctx, src, timecode.At(c.AtS, timecode.Millisecond), shotWidth)
	if t == nil || err != nil {
		return nil, err
	}
	return t.JPEG, nil
}
