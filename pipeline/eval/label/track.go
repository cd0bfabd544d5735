package label

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"dyade/annotate"
)

// Form is that of a file with the labels of a track, and the ending of its name.
type Form string

// Forms.
const (
	FacingCSV    Form = ".facing.csv"
	ClosenessCSV Form = ".closeness.csv"
	MomentsCSV   Form = ".moments.csv"
	TurnsRTTM    Form = ".rttm"
	TurnsCSV     Form = ".csv" // between tabs
)

// Forms gives those of a track's files, the one that is written first.
func Forms(track string) []Form {
	return map[string][]Form{"facing": {FacingCSV}, "closeness": {ClosenessCSV}, "moments": {MomentsCSV}, "turns": {TurnsRTTM, TurnsCSV}}[track]
}

// Read reads a file of a form whole, with notes and who labelled.
func Read(r io.Reader, form Form) ([]annotate.Label, error) {
	switch form {
	case FacingCSV:
		return labelled(r, "facing", "label")
	case ClosenessCSV:
		return labelled(r, "closeness", "label")
	case MomentsCSV:
		return labelled(r, "moments", "kind")
	case TurnsCSV:
		return speakers(r)
	}
	return rttm(r)
}

// Write writes labels in a form, so that Read gives them back. The film's name stands in
// RTTM.
func Write(w io.Writer, form Form, film string, all []annotate.Label) error {
	switch form {
	case TurnsRTTM:
		return writeRTTM(w, film, all)
	case TurnsCSV:
		return writeTable(w, '\t', nil, all)
	case MomentsCSV:
		return writeTable(w, ',', header("kind"), all)
	}
	return writeTable(w, ',', header("label"), all)
}

func header(word string) []string { return []string{"start_s", "end_s", word, "note", "by"} }

// labelled reads a track's table. Who labelled, and where the header leaves it out also
// the note, may be missing.
func labelled(r io.Reader, track, word string) (all []annotate.Label, err error) {
	full := header(word)
	words := wordsOf(track)
	empty := true
	err = table(r, ',', 0, func(n int, row []string) error {
		empty = false
		if n == 0 {
			least := len(full) - 1
			if word == "kind" { // as it was before there were notes
				least = len(full) - 2
			}
			if len(row) < least || len(row) > len(full) || !slices.Equal(row, full[:len(row)]) {
				return wrongHeader(full)
			}
			return nil
		}
		if !slices.Contains(words, row[2]) {
			return fmt.Errorf("%w: %q is none of %s", ErrSyntax, row[2], strings.Join(words, ", "))
		}
		l, err := ofRow(row)
		all = append(all, l)
		return err
	})
	if err == nil && empty {
		err = errEmpty
	}
	return all, err
}

func wordsOf(track string) []string {
	i := slices.IndexFunc(annotate.Tracks, func(t annotate.Track) bool { return t.Name == track })
	return annotate.Tracks[i].Words
}

func ofRow(row []string) (l annotate.Label, err error) {
	l.Label = row[2]
	if len(row) > 3 {
		l.Note = row[3]
	}
	if len(row) > 4 {
		l.By = row[4]
	}
	l.StartS, l.EndS, err = span(row[0], row[1])
	return l, err
}

func speakers(r io.Reader) (all []annotate.Label, err error) {
	err = table(r, '\t', -1, func(_ int, row []string) error {
		if len(row) < 3 || len(row) > 5 {
			return fmt.Errorf("%w: wrong number of fields", ErrSyntax)
		}
		l, err := ofRow(row)
		all = append(all, l)
		return err
	})
	return all, err
}

// What RTTM has no field for stands in remarks behind the line that it is of.
const (
	remarkBy   = ";; by "
	remarkNote = ";; note "
)

func rttm(r io.Reader) (all []annotate.Label, err error) {
	in := bufio.NewScanner(r)
	for line := 1; in.Scan(); line++ {
		text := in.Text()
		if n := len(all); n > 0 {
			if by, ok := strings.CutPrefix(text, remarkBy); ok {
				all[n-1].By = by
			}
			if note, ok := strings.CutPrefix(text, remarkNote); ok {
				all[n-1].Note = note
			}
		}
		fields := strings.Fields(text)
		if len(fields) == 0 || fields[0] != "SPEAKER" {
			continue
		}
		if len(fields) < 8 {
			return nil, fmt.Errorf("line %d: %w: %d fields of at least 8", line, ErrSyntax, len(fields))
		}
		start, err := seconds(fields[3])
		if err != nil {
			return nil, fmt.Errorf("line %d: start: %w", line, err)
		}
		length, err := seconds(fields[4])
		if err != nil {
			return nil, fmt.Errorf("line %d: duration: %w", line, err)
		}
		if len(all) == maxLabels {
			return nil, fmt.Errorf("line %d: %w: too many lines", line, ErrSyntax)
		}
		all = append(all, annotate.Label{StartS: start, EndS: micro(start + length), Label: fields[7]})
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	return all, nil
}

// micro rounds to a millionth: what adding and subtracting leaves behind is no time.
func micro(s float64) float64 { return math.Round(s*1e6) / 1e6 }

func writeRTTM(w io.Writer, film string, all []annotate.Label) error {
	film = strings.Join(strings.Fields(film), "_")
	out := bufio.NewWriter(w)
	for _, l := range all {
		fmt.Fprintf(out, "SPEAKER %s 1 %s %s <NA> <NA> %s <NA> <NA>\n", film, decimal(l.StartS), decimal(micro(l.EndS-l.StartS)), l.Label)
		if l.By != "" {
			fmt.Fprintln(out, remarkBy+l.By)
		}
		if l.Note != "" {
			fmt.Fprintln(out, remarkNote+l.Note)
		}
	}
	return out.Flush()
}

func writeTable(w io.Writer, comma rune, header []string, all []annotate.Label) error {
	out := csv.NewWriter(w)
	out.Comma = comma
	if header != nil {
		_ = out.Write(header) // Error tells
	}
	for _, l := range all {
		_ = out.Write([]string{decimal(l.StartS), decimal(l.EndS), l.Label, l.Note, l.By})
	}
	out.Flush()
	return out.Error()
}

// decimal has at least one place, so that a time reads as one.
func decimal(s float64) string {
	text := strconv.FormatFloat(s, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
