package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"

	"dyade/annotate/blob"
)

// Signals are some of a recording's, over some of its time.
type Signals struct {
	TimeS  []float64             `json:"time_s"`
	Series map[string][]*float64 `json:"series"` // by their names; null where unknown
}

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

const timeColumn = "time_s"

// signals gives signals.parquet, or some of it, as a document.
func (s *Server) signals(w http.ResponseWriter, r *http.Request) {
	want, err := wanted(r)
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	sum, err := s.found(r.Context(), r.PathValue("id"), signalsFile)
	var table *parquet.File
	if err == nil {
		table, err = s.table(r.Context(), sum)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	got, err := want.of(table)
	var strange *unknownSignal
	switch {
	case errors.As(err, &strange):
		s.refuse(w, http.StatusBadRequest, strange.Error())
	case err != nil:
		s.fail(w, r, err)
	default:
		answer(w, http.StatusOK, got)
	}
}

// table opens signals: ten rows a second of a film come to a few megabytes.
func (s *Server) table(ctx context.Context, sum blob.Sum) (*parquet.File, error) {
	doc, err := blob.Bytes(ctx, s.Media, sum)
	if err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		return nil, fmt.Errorf("open the signals: %w", err)
	}
	return f, nil
}

// unknownSignal is a name that no signal has.
type unknownSignal struct{ name string }

func (u *unknownSignal) Error() string { return fmt.Sprintf("there is no signal %q", u.name) }

func (p span) of(f *parquet.File) (Signals, error) {
	columns := map[string]int{}
	for i, c := range f.Schema().Columns() {
		columns[c[0]] = i
	}
	if p.names == nil {
		for name := range columns {
			p.names = append(p.names, name)
		}
		slices.Sort(p.names)
	}
	got := Signals{[]float64{}, map[string][]*float64{}}
	for _, name := range p.names {
		i, ok := columns[name]
		if !ok {
			return got, &unknownSignal{name}
		}
		if name == timeColumn {
			continue
		}
		all, err := values(f, i)
		if err != nil {
			return got, err
		}
		got.Series[name] = all
	}
	err := p.cut(f, columns[timeColumn], &got)
	return got, err
}

// cut drops what lies outside the span.
func (p span) cut(f *parquet.File, timeAt int, got *Signals) error {
	times, err := values(f, timeAt)
	if err != nil {
		return err
	}
	from := slices.IndexFunc(times, func(t *float64) bool { return t != nil && *t >= p.from })
	if from < 0 {
		from = len(times)
	}
	to := from
	for ; to < len(times) && times[to] != nil && *times[to] < p.to; to++ {
		got.TimeS = append(got.TimeS, *times[to])
	}
	for name, all := range got.Series {
		if len(all) != len(times) {
			return fmt.Errorf("the signal %s has %d values for %d times", name, len(all), len(times))
		}
		got.Series[name] = all[from:to]
	}
	return nil
}

// values reads a column; nil: unknown.
func values(f *parquet.File, column int) (all []*float64, err error) {
	for _, group := range f.RowGroups() {
		pages := group.ColumnChunks()[column].Pages()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, errors.Join(fmt.Errorf("read the signals: %w", err), pages.Close())
			}
			some := make([]parquet.Value, page.NumValues())
			n, err := page.Values().ReadValues(some)
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, errors.Join(fmt.Errorf("read the signals: %w", err), pages.Close())
			}
			for _, v := range some[:n] {
				if v.IsNull() {
					all = append(all, nil)
					continue
				}
				x := v.Double()
				all = append(all, &x)
			}
			parquet.Release(page)
		}
		if err := pages.Close(); err != nil {
			return nil, fmt.Errorf("read the signals: %w", err)
		}
	}
	return all, nil
}

// MarshalJSON has no number for what is none.
func (s Signals) MarshalJSON() ([]byte, error) {
	type plain Signals
	for _, all := range s.Series {
		for i, v := range all {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				all[i] = nil
			}
		}
	}
	return json.Marshal(plain(s))
}
