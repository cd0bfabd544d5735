package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/report"
	"dyade/internal/i18n"
)

// Proposals are what an analysis proposes, in words.
type Proposals struct {
	Final   bool                 `json:"final"` // the analysis is done
	Moments []Proposal           `json:"moments"`
	People  []annotate.Person    `json:"people"`
	Speech  []annotate.Utterance `json:"speech"`
	Quality []Limit              `json:"quality"`
}

// Proposal is a moment, and why it is one.
type Proposal struct {
	annotate.Moment
	Why   string `json:"why"`
	Blind string `json:"blind,omitempty"` // how much of it could not be seen or heard
}

// Limit is what of the film limits what can be seen and heard, and what to try.
type Limit struct {
	annotate.Warning
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"`
}

func (s *Server) proposals(w http.ResponseWriter, r *http.Request) {
	p, err := s.proposed(r.Context(), language(r), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, p)
}

// proposed are those of a recording.
func (s *Server) proposed(ctx context.Context, lang i18n.Lang, id string) (Proposals, error) {
	sum, err := s.found(ctx, id, MomentsFile)
	if err != nil {
		return Proposals{}, err
	}
	doc, err := blob.Bytes(ctx, s.Media, sum)
	var a annotate.Analysis
	if err == nil {
		err = json.Unmarshal(doc, &a)
	}
	if err != nil {
		return Proposals{}, fmt.Errorf("read what an analysis proposes: %w", err)
	}
	p := Proposals{Final: true, Moments: inWords(lang, a.Moments), People: a.People, Speech: a.Speech, Quality: []Limit{}}
	for _, q := range a.Quality {
		text, advice := report.Advice(lang, q)
		p.Quality = append(p.Quality, Limit{q, text, advice})
	}
	return p, nil
}

func inWords(lang i18n.Lang, moments []annotate.Moment) []Proposal {
	all := make([]Proposal, len(moments))
	for i, m := range moments {
		all[i] = Proposal{m, report.Why(lang, m), report.UnknownNote(lang, m)}
	}
	return all
}
