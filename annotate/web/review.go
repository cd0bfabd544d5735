package web

import (
	"context"
	"errors"
	"net/http"

	"dyade/annotate"
	"dyade/annotate/review"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Review is what people have decided about the films of a visit, as it is told.
type Review struct {
	Place int64        `json:"place"` // of the last edit
	Mark  string       `json:"mark"`  // of that, as events name it
	Facts review.Facts `json:"facts"`
	Undo  int          `json:"undo"` // edits of the one who asks that can be undone
	Redo  int          `json:"redo"`
}

func (s *Server) review(w http.ResponseWriter, r *http.Request) {
	x, err := s.Store.Review(r.Context(), r.PathValue("visit"), r.URL.Query().Get("by"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, Review{x.Place, told(x.Mark), x.Facts, x.Undo, x.Redo})
}

// Edited is an edit that was done, as its maker is told.
type Edited struct {
	Place   int64           `json:"place"`
	Changes []review.Change `json:"changes"`
	Undo    int             `json:"undo"`
	Redo    int             `json:"redo"`
}

// Conflicted is the refusal of an edit that others' changes are in the way of.
type Conflicted struct {
	Error     string            `json:"error"`
	Conflicts []review.Conflict `json:"conflicts"` // empty: there is nothing to undo, or to redo
}

func (s *Server) edit(w http.ResponseWriter, r *http.Request) {
	var e review.Edit
	if !s.document(w, r, &e) {
		return
	}
	done, err := s.Store.Edit(r.Context(), r.PathValue("visit"), e)
	var wrong *review.Wrong
	var conflicted *review.Conflicted
	switch {
	case err == nil:
		answer(w, http.StatusOK, Edited{done.Place, some(done.Changes), done.Undo, done.Redo})
	case errors.As(err, &wrong):
		s.refuse(w, http.StatusBadRequest, wrong.Why)
	case errors.As(err, &conflicted):
		answer(w, http.StatusConflict, Conflicted{conflicted.Error(), conflicted.Conflicts})
	case errors.Is(err, review.ErrNothing):
		answer(w, http.StatusConflict, Conflicted{review.ErrNothing.Error(), []review.Conflict{}})
	default:
		s.fail(w, r, err)
	}
}

// some is a list that is told as one where it is empty.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// reelPlan is the reel that a review's facts make.
func (s *Server) reelPlan(w http.ResponseWriter, r *http.Request) {
	plan, err := s.plan(r.Context(), r.PathValue("visit"), language(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, plan)
}

func (s *Server) plan(ctx context.Context, visit string, lang i18n.Lang) (annotate.Reel, error) {
	x, err := s.Store.Review(ctx, visit, "")
	var films []store.Recording
	if err == nil {
		_, films, err = s.Store.Visit(ctx, visit)
	}
	if err != nil {
		return annotate.Reel{}, err
	}
	sums := map[string]string{}
	for _, f := range films {
		sums[f.ID] = string(f.Sum)
	}
	return x.Facts.Plan(review.Wording{
		Lang: lang.String(), Title: func(kind annotate.MomentKind) string { return chapter(lang, kind) },
		Film: func(id string) (string, bool) { sum, ok := sums[id]; return sum, ok },
	}), nil
}

// chapter is how a part of a reel is called that is of a moment's kind, or of none.
func chapter(lang i18n.Lang, kind annotate.MomentKind) string {
	if key := "kind_" + string(kind); kind != "" && i18n.Has(key) {
		return i18n.T(lang, key)
	}
	return i18n.T(lang, "reel_own")
}
