package movie

import (
	"math"
	"unicode/utf8"

	"dyade/pipeline/encode/box"
)

// Players find chapters in one of two places: those of Apple in a track of text that the
// others refer to (QuickTime File Format, chapter lists), most others in a list of
// Nero's. Both are written as FFmpeg writes them.

// addChapters writes the samples of the chapters' track.
func (w *Writer) addChapters() error {
	if len(w.o.Chapters) == 0 {
		return nil
	}
	t := &track{Track: Track{Scale: w.tracks[0].Scale, Most: len(w.o.Chapters)}}
	w.chapters = t
	for _, c := range w.o.Chapters {
		title := clipped(c.Title, math.MaxUint16)
		data := append(box.U16(uint16(len(title))), title...)
		const isUTF8 = 0x100
		data = append(data, box.Of("encd", box.U32(isUTF8))...)
		if err := t.add(Sample{Data: data, At: c.Start}); err != nil {
			return err
		}
	}
	return w.put(t)
}

// clipped is as much of a text as fits into so many bytes.
func clipped(s string, most int) string {
	for len(s) > most {
		_, last := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-last]
	}
	return s
}

// textMedia says that a track is text which no player draws by itself.
func textMedia() []byte {
	row := append(box.U16(1), box.Zeros(14)...)
	const ditherCopy, grey = 0x40, 0x8000
	return box.Of("gmhd",
		box.Full("gmin", 0, 0, box.U16(ditherCopy), box.U16(grey), box.U16(grey), box.U16(grey), box.Zeros(4)),
		box.Of("text", row, row, box.U32(1<<30)))
}

func textEntry() []byte {
	font := box.Of("ftab", box.U16(1), box.U16(1), box.U8(0))
	return box.Of("text", box.Zeros(6), box.U16(1), box.U32(1), box.Zeros(18), box.U16(1), box.Zeros(6), font)
}

// mostListed chapters stand in Nero's list.
const mostListed = math.MaxUint8

// userData is the film's title, and Nero's list of its chapters.
func (w *Writer) userData() []byte {
	var parts [][]byte
	if title := w.o.Title; title != "" {
		const isUTF8 = 1
		name := box.Of("\xa9nam", box.Of("data", box.U32(isUTF8), box.U32(0), []byte(title)))
		handler := box.Full("hdlr", 0, 0, box.Zeros(4), []byte("mdirappl"), box.Zeros(9))
		parts = append(parts, box.Full("meta", 0, 0, handler, box.Of("ilst", name)))
	}
	if list := w.o.Chapters[:min(len(w.o.Chapters), mostListed)]; len(list) > 0 {
		table := append(box.U32(0), byte(len(list)))
		for _, c := range list {
			const perSecond = 10_000_000
			at := math.Round(float64(c.Start) / float64(w.tracks[0].Scale) * perSecond)
			title := clipped(c.Title, math.MaxUint8)
			table = append(append(append(table, box.U64(uint64(at))...), byte(len(title))), title...)
		}
		parts = append(parts, box.Full("chpl", 1, 0, table))
	}
	return box.Of("udta", parts...)
}
