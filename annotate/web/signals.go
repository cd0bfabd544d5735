package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
)

// span is what a caller wants of the signals.
type span struct {
	from, to float64 // seconds; to is not in it
	names    []string
}

var errSpan = errors.New("from_s and to_s must be seconds, from_s the smaller one")

func wanted(r *http.Request) (p span, err error) {
	p = span{0, math.Inf(1), nil}
	q := r.URL.Query()
	for name, into := range map[string]*float64{"from_s": &p.from, "to_s": &p.to} {
		if !q.Has(name) {
			continue
		}
		if *into, err = strconv.ParseFloat(q.Get(name), 64); err != nil || math.IsNaN(*into) || math.IsInf(*into, 0) || *into < 0 {
			return p, errSpan
		}
	}
	if p.from >= p.to {
		return p, errSpan
	}
	if q.Has("names") {
		p.names = strings.Split(q.Get("names"), ",")
	}
	return p, nil
}

// mostValues of signals are given at once: all of two hours and a half.
const mostValues = 4 << 20

var errTooMuch = errors.New("that is too much at once: ask for less time (from_s, to_s), or for some names")

// signals gives signals.parquet, or some of it, as a document.
func (s *Server) signals(w http.ResponseWriter, r *http.Request) {
	want, err := wanted(r)
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-time.After(s.pace.turn):
		s.unshown(w, r, store.Recording{}, shown.ErrBusy)
		return
	case <-r.Context().Done():
		return
	}
	sum, err := s.found(r.Context(), r.PathValue("id"), signalsFile)
	var doc []byte
	if err == nil {
		doc, err = blob.Bytes(r.Context(), s.Media, sum)
	}
	var got table
	if err == nil {
		got, err = want.of(r.Context(), doc)
	}
	var strange *unknownSignal
	switch {
	case errors.As(err, &strange), errors.Is(err, errTooMuch):
		s.refuse(w, http.StatusBadRequest, err.Error())
	case err != nil:
		s.fail(w, r, err)
	default:
		ctx, cancel := context.WithTimeout(r.Context(), s.pace.taking)
		defer cancel()
		defer letGo(ctx, w)()
		w.Header().Set("Content-Type", "application/json")
		_ = got.write(w) // who does not listen needs no answer
	}
}

// table is what is asked for; what is unknown is not a number.
type table struct {
	times  []float64
	names  []string
	series [][]float64
}

// unknownSignal is a name that no signal has.
type unknownSignal struct{ name string }

func (u *unknownSignal) Error() string { return fmt.Sprintf("there is no signal %.40q", u.name) }

const timeColumn = "time_s"

// of reads it from a file of signals: ten rows a second come to some megabytes.
func (p span) of(ctx context.Context, doc []byte) (t table, err error) {
	f, err := parquet.OpenFile(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		return t, fmt.Errorf("open the signals: %w", err)
	}
	columns := map[string]int{}
	for i, c := range f.Schema().Columns() {
		columns[c[0]] = i
	}
	if t.names, err = p.known(columns); err != nil {
		return t, err
	}
	if t.times, err = rows(ctx, f, columns[timeColumn], 0, f.NumRows()); err != nil {
		return t, err
	}
	from, _ := slices.BinarySearch(t.times, p.from)
	to, _ := slices.BinarySearch(t.times, p.to)
	if t.times = t.times[from:to]; len(t.times)*len(t.names) > mostValues {
		return t, errTooMuch
	}
	for _, name := range t.names {
		some, err := rows(ctx, f, columns[name], int64(from), int64(to))
		if err != nil {
			return t, err
		}
		t.series = append(t.series, some)
	}
	return t, nil
}

// known are the names that are asked for, each once.
func (p span) known(columns map[string]int) ([]string, error) {
	names := slices.Clone(p.names)
	if names == nil {
		names = slices.Collect(maps.Keys(columns))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if _, ok := columns[name]; !ok {
			return nil, &unknownSignal{name}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == timeColumn }), nil
}

// rows reads some rows of a column.
func rows(ctx context.Context, f *parquet.File, column int, from, to int64) (all []float64, err error) {
	at := int64(0) // of the group's first row
	for _, group := range f.RowGroups() {
		first, last := max(from-at, 0), min(to-at, group.NumRows())
		if first < last {
			if all, err = pages(ctx, group.ColumnChunks()[column], first, last, all); err != nil {
				return nil, fmt.Errorf("read the signals: %w", err)
			}
		}
		at += group.NumRows()
	}
	return all, nil
}

// pages adds rows of a piece of a column.
func pages(ctx context.Context, chunk parquet.ColumnChunk, from, to int64, all []float64) (_ []float64, err error) {
	list := chunk.Pages()
	defer func() { err = errors.Join(err, list.Close()) }()
	if err := list.SeekToRow(from); err != nil {
		return nil, err
	}
	for left := int(to - from); left > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		page, err := list.ReadPage()
		if err != nil {
			return nil, err
		}
		some := make([]parquet.Value, page.NumValues())
		n, err := page.Values().ReadValues(some)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if n == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		for _, v := range some[:min(n, left)] {
			all = append(all, float(v))
		}
		left -= n
		parquet.Release(page)
	}
	return all, nil
}

// float is NaN where there is none.
func float(v parquet.Value) float64 {
	switch v.Kind() {
	case parquet.Double:
		return v.Double()
	case parquet.Float:
		return float64(v.Float())
	}
	return math.NaN()
}

// write writes it as openapi.yaml says.
func (t table) write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 64<<10)
	_, _ = w.WriteString(`{"time_s":`) // w keeps its first error
	numbers(w, t.times, 64)
	_, _ = w.WriteString(`,"series":{`)
	for i, name := range t.names {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		_, _ = w.WriteString(strconv.Quote(name) + ":")
		numbers(w, t.series[i], 32)
	}
	_, _ = w.WriteString("}}\n")
	return w.Flush()
}

// numbers writes as many digits as tell what so many bits hold.
func numbers(w *bufio.Writer, all []float64, bits int) {
	_ = w.WriteByte('[')
	for i, x := range all {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		if math.IsNaN(x) || math.IsInf(x, 0) { // there is no number for it
			_, _ = w.WriteString("null")
			continue
		}
		_, _ = w.Write(strconv.AppendFloat(w.AvailableBuffer(), x, 'g', -1, bits))
	}
	_ = w.WriteByte(']')
}
