package export

import (
	"fmt"
	"io"
	"math"
	"strings"

	"dyade/annotate"
)

// CMX 3600 is lines of text: where in a film, where in the reel, in hours, minutes,
// seconds and pictures of one rate. Everything is rounded to whole pictures; what is
// written on cards and pictures, fades and loudness are comments or left out.

// firstHour is where the reel's clock begins, as that of tapes does.
const firstHour = 3600

func writeEDL(w io.Writer, r annotate.Reel, films map[string]Film) error {
	rate, err := commonRate(r, films)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "TITLE: %s\nFCM: NON-DROP FRAME\n", line(r.Title, "DYADE"))
	e := edl{&b, rate, int64(math.Round(firstHour * math.Ceil(rate.FPS()-0.01)))}
	for i, x := range events(r) {
		e.event(i+1, x, r, films)
		if i == 0 && rate.Variable { // comments belong to the event before
			fmt.Fprintf(&b, "* PICTURES COME UNEVENLY: TIMES ARE ROUNDED TO %.3f A SECOND\n", rate.FPS())
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// commonRate is that of all films.
func commonRate(r annotate.Reel, films map[string]Film) (Rate, error) {
	var rate Rate
	for _, p := range r.Parts {
		if p.Cut == nil {
			continue
		}
		f := films[p.Cut.Recording].Rate
		if f.Num <= 0 || f.Den <= 0 || rate.Num > 0 && (f.Num != rate.Num || f.Den != rate.Den) {
			return Rate{}, ErrRates
		}
		f.Variable = f.Variable || rate.Variable
		rate = f
	}
	return rate, nil
}

type edl struct {
	b    *strings.Builder
	rate Rate
	at   int64 // pictures of the reel
}

func (e *edl) event(number int, x event, r annotate.Reel, films map[string]Film) {
	length := max(1, e.pictures(x.seconds))
	reel, tracks, from, to := "BL", "V", int64(0), length
	if x.cut != nil {
		reel, from = "AX", e.pictures(x.start.Seconds())
		if to = e.pictures(x.end.Seconds()); x.rate == 1 {
			to = from + length
		}
		to = max(to, from+1)
		if films[x.cut.Recording].Sound && x.rate > 0 {
			tracks = "AA/V"
		}
	}
	fmt.Fprintf(e.b, "%03d  %-8s %-5s C        %s %s %s %s\n", number, reel, tracks, e.code(from), e.code(to), e.code(e.at), e.code(e.at+length))
	if x.cut != nil && x.rate != 1 {
		fmt.Fprintf(e.b, "M2   %-8s %05.1f                %s\n", reel, x.rate*e.rate.FPS(), e.code(from))
	}
	if x.cut == nil {
		fmt.Fprintf(e.b, "* CARD: %s\n", line(r.Parts[x.part].Card.Text, ""))
	} else {
		fmt.Fprintf(e.b, "* FROM CLIP NAME: %s\n", line(films[x.cut.Recording].Name, ""))
		if t := line(x.cut.Title, ""); t != "" {
			fmt.Fprintf(e.b, "* COMMENT: %s\n", t)
		}
		if c := line(x.cut.Caption, ""); c != "" {
			fmt.Fprintf(e.b, "* CAPTION: %s\n", c)
		}
	}
	e.at += length
}

func (e *edl) pictures(seconds float64) int64 { return int64(math.Round(seconds * e.rate.FPS())) }

// code counts pictures as if there were a whole number of them a second.
func (e *edl) code(pictures int64) string {
	whole := int64(math.Ceil(e.rate.FPS() - 0.01))
	s := pictures / whole
	return fmt.Sprintf("%02d:%02d:%02d:%02d", s/3600%24, s/60%60, s%60, pictures%whole)
}

// line is a text on one line, as these files have it.
func line(text, otherwise string) string {
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return otherwise
	}
	return text
}
