package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/report"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Proposals are what an analysis proposes, in words.
type Proposals struct {
	Final   bool                 `json:"final"` // the analysis is done
	Moments []Proposal           `json:"moments"`
	People  []annotate.Person    `json:"people"`
	Speech  []annotate.Utterance `json:"speech"`
	Quality []report.Saying      `json:"quality"` // what to film otherwise, and what else limits the analysis
	Unclear *report.Unclear      `json:"unclear,omitempty"`
}

// Proposal is a moment, and why it is one.
type Proposal struct {
	annotate.Moment
	Why   string `json:"why"`
	Blind string `json:"blind,omitempty"` // how much of it could not be seen or heard
}

func (s *Server) proposals(w http.ResponseWriter, r *http.Request) {
	p, err := s.proposed(r.Context(), language(r), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, p)
}

// proposed are those of a recording: of its whole analysis, or the best there are while
// that is under way.
func (s *Server) proposed(ctx context.Context, lang i18n.Lang, id string) (p Proposals, err error) {
	var a annotate.Analysis
	sum, err := s.found(ctx, id, MomentsFile)
	p.Final = err == nil
	if errors.Is(err, store.ErrMissing) {
		sum, err = s.Store.Ranking(ctx, id)
	}
	var doc []byte
	if err == nil {
		doc, err = blob.Bytes(ctx, s.Media, sum)
	}
	if err == nil {
		err = json.Unmarshal(doc, &a) // a ranking's moments have the same name there
	}
	if err != nil {
		return Proposals{}, fmt.Errorf("read what an analysis proposes: %w", err)
	}
	p.Moments, p.Quality = inWords(lang, a.Moments), report.Counsel(lang, &a)
	if p.Final {
		p.Unclear = report.Nothing(lang, &a)
	}
	p.People, p.Speech = append([]annotate.Person{}, a.People...), append([]annotate.Utterance{}, a.Speech...)
	return p, nil
}

func inWords(lang i18n.Lang, moments []annotate.Moment) []Proposal {
	all := make([]Proposal, len(moments))
	for i, m := range moments {
		all[i] = Proposal{m, report.Why(lang, m), report.UnknownNote(lang, m)}
	}
	return all
}
