package archive_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"dyade/annotate/archive"
	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// TestMediaMayLieElsewhere: what is restored goes there, or nothing does.
func TestMediaMayLieElsewhere(t *testing.T) {
	doc := full(t).written()
	media := filepath.Join(t.TempDir(), "media")
	elsewhere, err := blob.OpenFolder(media)
	if err != nil {
		t.Fatal(err)
	}
	d, above := empty(t)
	place := d.place()
	place.Store = elsewhere
	for _, wrong := range [][]byte{doc[:len(doc)-2000], doc[:len(doc)/2], flipped(doc, bytes.Index(doc, []byte("media/"))+512)} {
		if _, err := archive.Read(ctx, bytes.NewReader(wrong), place); err == nil {
			t.Error("it takes what is wrong")
		}
		if left := append(files(t, above), files(t, media)...); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	// What was there before stays.
	one, _, err := elsewhere.Put(ctx, bytes.NewReader([]byte("a film that was there")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Read(ctx, bytes.NewReader(doc[:len(doc)-2000]), place); err == nil {
		t.Error("it takes what is wrong")
	}
	if left := files(t, media); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if err := elsewhere.Remove(ctx, one); err != nil {
		t.Fatal(err)
	}
	c, err := archive.Read(ctx, bytes.NewReader(doc), place)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, place.Database, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	h, err := archive.Check(ctx, archive.Keeper{Store: s, Media: elsewhere, Aside: place.Aside})
	if err != nil || len(h.Problems) > 0 || h.Blobs != c.Blobs || len(files(t, media)) != c.Blobs {
		t.Errorf("%+v of %+v, %v", h, c, err)
	}
	if _, err := archive.Read(ctx, bytes.NewReader(doc), place); err == nil || len(files(t, media)) != c.Blobs {
		t.Errorf("a second time: %v", err) // and what is there stays
	}
}

func flipped(doc []byte, at int) []byte {
	doc = bytes.Clone(doc)
	doc[at] ^= 1
	return doc
}
