package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"syscall"
	"unicode/utf8"
)

// sniffBytes is how much of the file's start is looked at.
const sniffBytes = 16 << 10

// Look refuses what is no film before FFmpeg sees it: what is not a regular
// file, what only points to other files, still pictures, and what FFmpeg would not
// come to an end with. Opening does not block on a pipe.
func Look(path string) error {
	refuse := func(r Reason, err error) error { return &Unreadable{Path: path, Reason: r, Err: err} }
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return refuse(refusal(err), err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return refuse(refusal(err), err)
	case info.IsDir():
		return refuse(Folder, nil)
	case !info.Mode().IsRegular():
		return refuse(NotRegular, nil)
	case info.Size() == 0:
		return refuse(Empty, nil)
	}
	start := make([]byte, sniffBytes)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse(refusal(err), err)
	}
	if r, what := sniff(start[:n]); r != "" {
		return refuse(r, fmt.Errorf("it starts like %s", what))
	}
	if unnumbered(f, info.Size()) {
		return refuse(BrokenHeader, errors.New("a track of it has no number"))
	}
	return nil
}

var (
	pointers = regexp.MustCompile(`(?i)^\s*(#EXTM3U|ffconcat|\[playlist\]|\[Reference\]|RTSPtext|SMILtext|` +
		`(<\?xml[^>]*>\s*)?(<!DOCTYPE[^>]*>\s*|<!--[^>]*-->\s*)*<(MPD|smil|asx|playlist|SmoothStreamingMedia|imf|CompositionPlaylist|wpl|\?wpl)\b)`)
	scripts = regexp.MustCompile(`(?im)^\s*(file\s+['"]?[^\s]|(import|from)\s+vapoursynth|LoadPlugin\s*\(|` +
		`(\w+\s*=\s*|return\s+)?(Avi|DirectShow|FFVideo|FFmpeg|LWLibavVideo|DGDecode_mpeg2)Source\s*\()`)
)

// stills are the first bytes of still pictures; a dot stands for any byte.
var stills = []struct{ name, magic string }{
	{"a JPEG picture", "\xff\xd8\xff"},
	{"a PNG picture", "\x89PNG\r\n\x1a\n"},
	{"a WebP picture", "RIFF....WEBP"},
	{"a BMP picture", "BM....\x00\x00\x00\x00"},
	{"a TIFF picture", "II*\x00"},
	{"a TIFF picture", "MM\x00*"},
	{"a JPEG 2000 picture", "\x00\x00\x00\x0cjP  "},
	{"a JPEG XL picture", "\x00\x00\x00\x0cJXL "},
	{"a JPEG XL picture", "\xff\x0a"},
	{"a Photoshop picture", "8BPS"},
	{"an icon", "\x00\x00\x01\x00"},
	{"a HEIF picture", "....ftyphei"},
	{"a HEIF picture", "....ftyphev"},
	{"a HEIF picture", "....ftypmif1"},
	{"a HEIF picture", "....ftypmsf1"},
	{"an AVIF picture", "....ftypavi"},
}

// MayBeFilm tells whether a file that starts so is worth reading as one.
func MayBeFilm(start []byte) bool {
	r, _ := sniff(start)
	return r == ""
}

// sniff names the reason to refuse a file that starts so, "" where there is none.
func sniff(start []byte) (Reason, string) {
	start = bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")) // the byte order mark of UTF-8
	for _, s := range stills {
		if hasMagic(start, s.magic) {
			return StillPicture, s.name
		}
	}
	if pointers.Match(start) {
		return PointsAway, "a playlist"
	}
	if !isText(start) {
		return "", ""
	}
	if scripts.Match(start) {
		return PointsAway, "a script"
	}
	return NotMedia, "text"
}

func hasMagic(start []byte, magic string) bool {
	if len(start) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '.' && magic[i] != start[i] {
			return false
		}
	}
	return true
}

// isText tells whether the bytes read as text: UTF-8 without control
// characters, or UTF-16 with a byte order mark.
func isText(b []byte) bool {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) && len(b) > 3 && b[3] == 0 || bytes.HasPrefix(b, []byte{0xfe, 0xff, 0}) {
		return true
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 && len(b)-i >= utf8.UTFMax {
			return false
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' {
			return false
		}
		i += n
	}
	return true
}

// startsWith tells whether the file's first bytes are magic's.
func startsWith(path, magic string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(magic))
	n, _ := io.ReadFull(f, start)
	return hasMagic(start[:n], magic)
}
