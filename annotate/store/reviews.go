package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dyade/annotate/review"
)

// Mark is an edit's place in a journal, 0: before all, and when it was made: once a
// backup is restored, others come to be in places that had been given.
type Mark struct{ Place, MadeMS int64 }

// Review is what people have decided about the films of a visit.
type Review struct {
	Mark  // of the last edit
	Facts review.Facts
	Undo  int // edits of the one who asks that can be undone
	Redo  int
}

// Review gives that of a visit to who works in a browser. The error wraps ErrMissing
// where there is no such visit.
func (s *Store) Review(ctx context.Context, visit, by string) (r Review, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if r.Mark, err = last(ctx, tx, visit); err != nil {
			return err
		}
		if r.Facts, err = facts(ctx, tx, visit); err != nil {
			return err
		}
		r.Undo, r.Redo, err = depths(ctx, tx, visit, by, r.Place)
		return err
	})
	if err != nil {
		return Review{}, fmt.Errorf("read the review of visit %s: %w", visit, err)
	}
	return r, nil
}

// last is a visit's last edit.
func last(ctx context.Context, tx queryer, visit string) (m Mark, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(place, 0), coalesce(made_ms, 0) FROM visits v LEFT JOIN edits ON visit_id = v.id
		AND place = (SELECT max(place) FROM edits WHERE visit_id = v.id) WHERE v.id = ?`, visit).Scan(&m.Place, &m.MadeMS)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrMissing
	}
	return m, err
}

// HasEdit tells whether an edit is still in a visit's journal, where it was.
func (s *Store) HasEdit(ctx context.Context, visit string, m Mark) (has bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM edits WHERE visit_id = ? AND place = ? AND made_ms = ?)", visit, m.Place, m.MadeMS).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for an edit of visit %s: %w", visit, err)
	}
	return has, nil
}

// facts are those of a visit.
func facts(ctx context.Context, tx queryer, visit string) (review.Facts, error) {
	f := review.Facts{}
	_, err := list(ctx, tx, func(scan func(...any) error) (struct{}, error) {
		var entity, field string
		var value review.Value
		err := scan(&entity, &field, &value)
		if f[entity] == nil {
			f[entity] = map[string]review.Value{}
		}
		f[entity][field] = value
		return struct{}{}, err
	}, "SELECT entity, field, value FROM facts WHERE visit_id = ?", visit)
	return f, err
}

// factsOf are those of an entity.
func factsOf(ctx context.Context, tx queryer, visit, entity string) (map[string]review.Value, error) {
	fields := map[string]review.Value{}
	_, err := list(ctx, tx, func(scan func(...any) error) (struct{}, error) {
		var field string
		var value review.Value
		err := scan(&field, &value)
		fields[field] = value
		return struct{}{}, err
	}, "SELECT field, value FROM facts WHERE visit_id = ? AND entity = ?", visit, entity)
	return fields, err
}

// turns are the edits that somebody made up to a place. They come in one row, and are put
// in order here, which takes a quarter of the time.
func turns(ctx context.Context, tx queryer, visit, by string, upTo int64) (all []review.Turn, err error) {
	var doc string
	err = tx.QueryRowContext(ctx, `SELECT coalesce(group_concat(kind || ' ' || place, ' '), '') FROM edits
		WHERE visit_id = ? AND made_by = ? AND hollow = 0 AND place <= ?`, visit, by, upTo).Scan(&doc)
	for words := strings.Fields(doc); err == nil && len(words) > 1; words = words[2:] {
		t := review.Turn{Kind: review.Kind(words[0])}
		t.Place, err = strconv.ParseInt(words[1], 10, 64)
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b review.Turn) int { return cmp.Compare(a.Place, b.Place) })
	return all, err
}

func depths(ctx context.Context, tx queryer, visit, by string, upTo int64) (undo, redo int, err error) {
	all, err := turns(ctx, tx, visit, by, upTo)
	u, r := review.Stacks(all)
	return len(u), len(r), err
}

// Edited is an edit that was done.
type Edited struct {
	Mark
	ID      string
	By      string // empty: a part of the journal was removed
	Changes []review.Change
	Undo    int // edits of its maker that could be undone then; of Edit alone
	Redo    int
}

// Edit does an edit, once: one that was done is told as it was. The error wraps
// ErrMissing where there is no such visit, and is a review.Wrong, a review.Conflicted
// or review.ErrNothing where nothing was done.
func (s *Store) Edit(ctx context.Context, visit string, e review.Edit) (done Edited, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		former, err := last(ctx, tx, visit)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT place, made_ms, made_by FROM edits WHERE visit_id = ? AND id = ?", visit, e.ID).
			Scan(&done.Place, &done.MadeMS, &done.By)
		if errors.Is(err, sql.ErrNoRows) {
			done = Edited{Mark: Mark{former.Place + 1, s.ms()}, By: e.By}
			err = s.edit(ctx, tx, visit, done.Mark, e)
		}
		if err != nil {
			return err
		}
		done.ID = e.ID
		if done.Changes, err = changesOf(ctx, tx, visit, done.Place); err != nil {
			return err
		}
		done.Undo, done.Redo, err = depths(ctx, tx, visit, done.By, done.Place)
		return err
	})
	if err != nil {
		return Edited{}, fmt.Errorf("edit the review of visit %s: %w", visit, err)
	}
	return done, nil
}

// edit does one that was not done before.
func (s *Store) edit(ctx context.Context, tx *sql.Tx, visit string, at Mark, e review.Edit) error {
	place := at.Place
	former, err := takenBack(ctx, tx, visit, place, e)
	if err != nil {
		return err
	}
	changes, err := change(ctx, tx, visit, former, e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO edits (visit_id, place, id, made_by, kind, made_ms, of_place)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(of_place, place) FROM edits WHERE visit_id = ?1 AND place = ?7))`,
		visit, place, e.ID, e.By, e.Kind, at.MadeMS, former)
	if err != nil {
		return err
	}
	for i, c := range changes {
		owner := place
		if e.Kind != review.Do {
			if owner, err = ownerBefore(ctx, tx, visit, place, former, c); err != nil {
				return err
			}
		}
		if e.Kind == review.Redo {
			if owner, err = ownElse(ctx, tx, visit, owner, e.By, place); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO changes (visit_id, place, number, entity, field, was, became, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			visit, place, i, c.Entity, c.Field, nullable(c.From), nullable(c.To), owner)
		if err != nil {
			return err
		}
	}
	return nil
}

// ownElse is an owner that is an edit of somebody's, else another: what one redoes is
// theirs again, and what they bring back of another's is not that one's.
func ownElse(ctx context.Context, tx queryer, visit string, owner int64, by string, other int64) (own int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT CASE WHEN EXISTS (SELECT 1 FROM edits WHERE visit_id = ? AND place = ? AND made_by = ?) THEN ? ELSE ? END",
		visit, owner, by, owner, other).Scan(&own)
	return own, err
}

// ownerBefore is who an undo or a redo at a place gives a field back to that a former
// edit had changed: the one before that; the undo itself where it was not changed there.
func ownerBefore(ctx context.Context, tx queryer, visit string, place, former int64, c review.Change) (owner int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM changes WHERE visit_id = ?1 AND place = ?2 AND entity = ?3 AND field = ?4)
		THEN coalesce((SELECT owner FROM changes WHERE visit_id = ?1 AND entity = ?3 AND field = ?4 AND place < ?2 ORDER BY place DESC LIMIT 1), 0)
		ELSE ?5 END`, visit, former, c.Entity, c.Field, place).Scan(&owner)
	return owner, err
}

func nullable(v review.Value) sql.NullString {
	return sql.NullString{String: string(v), Valid: v != ""}
}

// takenBack is the place of the edit that an undo or a redo takes back; 0 of others.
func takenBack(ctx context.Context, tx queryer, visit string, place int64, e review.Edit) (int64, error) {
	if err := e.Check(); err != nil || e.Kind == review.Do {
		return 0, err
	}
	all, err := turns(ctx, tx, visit, e.By, place)
	if err != nil {
		return 0, err
	}
	return review.Next(all, e.Kind)
}

func changesOf(ctx context.Context, tx queryer, visit string, place int64) ([]review.Change, error) {
	return list(ctx, tx, readChange, "SELECT entity, field, coalesce(was, ''), coalesce(became, '') FROM changes WHERE visit_id = ? AND place = ? ORDER BY number",
		visit, place)
}

func readChange(scan func(...any) error) (c review.Change, err error) {
	err = scan(&c.Entity, &c.Field, &c.From, &c.To)
	return c, err
}

// otherFacts finds visits whose facts are not what their journal comes to.
const otherFacts = `WITH last AS (
		SELECT visit_id, entity, field, became, row_number() OVER (PARTITION BY visit_id, entity, field ORDER BY place DESC, number DESC) AS back FROM changes
	), folded AS (SELECT visit_id, entity, field, became FROM last WHERE back = 1 AND became IS NOT NULL)
	SELECT DISTINCT 'the review of visit ' || visit_id || ' is not what its journal comes to' FROM (
		SELECT * FROM (SELECT * FROM folded EXCEPT SELECT visit_id, entity, field, value FROM facts)
		UNION ALL SELECT * FROM (SELECT visit_id, entity, field, value FROM facts EXCEPT SELECT * FROM folded))`

// change changes the facts as an edit says, or takes a former edit back, and gives
// what was changed.
func change(ctx context.Context, tx *sql.Tx, visit string, former int64, e review.Edit) ([]review.Change, error) {
	changes, terms, err := wanted(ctx, tx, visit, former, e)
	if err != nil {
		return nil, err
	}
	f := review.Facts{}
	for _, c := range changes {
		if f[c.Entity] != nil {
			continue
		}
		if f[c.Entity], err = factsOf(ctx, tx, visit, c.Entity); err != nil {
			return nil, err
		}
	}
	done, err := f.Apply(changes, terms)
	if err != nil {
		return nil, err
	}
	if full, err := tooMany(ctx, tx, visit, growth(done)); err != nil || full && terms.AsFar {
		return nil, err
	} else if full {
		return nil, &review.Wrong{Why: fmt.Sprintf("a review has at most %d facts", review.MostFacts)}
	}
	return done, settle(ctx, tx, visit, done)
}

// tooMany tells whether a visit has no room for so many more facts.
func tooMany(ctx context.Context, tx queryer, visit string, more int) (full bool, err error) {
	if more <= 0 {
		return false, nil
	}
	err = tx.QueryRowContext(ctx, "SELECT count(*) + ? > ? FROM facts WHERE visit_id = ?", more, review.MostFacts, visit).Scan(&full)
	return full, err
}

// growth is how many more facts there are after changes.
func growth(changes []review.Change) (n int) {
	for _, c := range changes {
		switch {
		case c.From == "" && c.To != "":
			n++
		case c.From != "" && c.To == "":
			n--
		}
	}
	return n
}

// wanted is what an edit is to change, and under which terms.
func wanted(ctx context.Context, tx queryer, visit string, former int64, e review.Edit) (changes []review.Change, t review.Terms, err error) {
	films, err := column[string](ctx, tx, "SELECT id FROM recordings WHERE visit_id = ?", visit)
	if err != nil {
		return nil, t, err
	}
	t = review.Terms{Force: e.Force, AsFar: e.Force && e.Kind != review.Do, Has: func(id string) bool { return slices.Contains(films, id) }}
	if former == 0 {
		return e.Changes, t, nil
	}
	back, err := changesOf(ctx, tx, visit, former)
	if err != nil {
		return nil, t, err
	}
	since := map[[2]string]bool{}
	_, err = list(ctx, tx, func(scan func(...any) error) (struct{}, error) {
		var at [2]string
		err := scan(&at[0], &at[1])
		since[at] = true
		return struct{}{}, err
	}, `SELECT entity, field FROM changes c WHERE visit_id = ?1 AND place = ?2 AND owner <>
		(SELECT owner FROM changes l WHERE l.visit_id = ?1 AND l.entity = c.entity AND l.field = c.field ORDER BY place DESC LIMIT 1)`, visit, former)
	t.Since = func(entity, field string) bool { return since[[2]string{entity, field}] }
	return review.Inverse(back), t, err
}

// settle writes down what facts have become.
func settle(ctx context.Context, tx *sql.Tx, visit string, done []review.Change) (err error) {
	for _, c := range done {
		if c.To == "" {
			_, err = tx.ExecContext(ctx, "DELETE FROM facts WHERE visit_id = ? AND entity = ? AND field = ?", visit, c.Entity, c.Field)
		} else {
			_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO facts (visit_id, entity, field, value) VALUES (?, ?, ?, ?)",
				visit, c.Entity, c.Field, c.To)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mostJournal bytes of a journal are read at once, but for those of the last edit.
const mostJournal = 2 << 20

// EditsSince gives the edits of a visit that follow a place, in order, up to so many, or
// fewer where they are long, and the last that there is. The error wraps ErrMissing where
// there is no such visit.
func (s *Store) EditsSince(ctx context.Context, visit string, place int64, most int) (all []Edited, newest Mark, err error) {
	if newest, err = last(ctx, s.db, visit); err == nil && newest.Place > place {
		size := 0
		all, err = list(ctx, s.db, func(scan func(...any) error) (e Edited, err error) {
			var changes string
			err = scan(&e.Place, &e.MadeMS, &e.ID, &e.By, &changes)
			if err == nil {
				err = json.Unmarshal([]byte(changes), &e.Changes)
			}
			if size += len(changes); err == nil && size > mostJournal {
				err = errEnough
			}
			return e, err
		}, `SELECT place, made_ms, id, made_by,
			(SELECT json_group_array(json_object('entity', entity, 'field', field, 'from', json(was), 'to', json(became)) ORDER BY number)
				FROM changes c WHERE c.visit_id = e.visit_id AND c.place = e.place)
			FROM edits e WHERE visit_id = ? AND place > ? ORDER BY place LIMIT ?`, visit, place, most)
	}
	if err != nil {
		return nil, Mark{}, fmt.Errorf("list the edits of visit %s: %w", visit, err)
	}
	return all, newest, nil
}

// entitiesAbout lists what was ever said to be about a recording, in its visit.
func entitiesAbout(ctx context.Context, tx queryer, recording string) ([]string, error) {
	doc, err := json.Marshal(recording)
	if err != nil {
		return nil, err
	}
	return column[string](ctx, tx, `SELECT DISTINCT entity FROM changes
		WHERE visit_id = (SELECT visit_id FROM recordings WHERE id = ?1) AND field = 'recording' AND (was = ?2 OR became = ?2)`,
		recording, string(doc))
}

// forgetAbout removes all that was ever decided about a recording, and says in the
// journal that there was something.
func (s *Store) forgetAbout(ctx context.Context, tx *sql.Tx, recording string) error {
	about, err := entitiesAbout(ctx, tx, recording)
	if err != nil || len(about) == 0 {
		return err
	}
	var visit string
	if err := tx.QueryRowContext(ctx, "SELECT visit_id FROM recordings WHERE id = ?", recording).Scan(&visit); err != nil {
		return err
	}
	for _, entity := range about {
		for _, q := range []string{
			"DELETE FROM facts WHERE visit_id = ? AND entity = ?",
			"DELETE FROM changes WHERE visit_id = ? AND entity = ?",
		} {
			if _, err := tx.ExecContext(ctx, q, visit, entity); err != nil {
				return err
			}
		}
	}
	if err := hollow(ctx, tx, visit); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO edits (visit_id, place, id, made_by, kind, hollow, made_ms)
		SELECT ?1, max(place) + 1, ?2, '', 'removed', 1, ?3 FROM edits WHERE visit_id = ?1`, visit, newID(), s.ms())
	return err
}

// hollow marks the edits of which nothing is left, and with them those that take them
// back, or do them again.
func hollow(ctx context.Context, tx *sql.Tx, visit string) error {
	for _, q := range []string{
		`UPDATE edits SET hollow = 1 WHERE visit_id = ?1 AND of_place IS NULL
			AND NOT EXISTS (SELECT 1 FROM changes c WHERE c.visit_id = edits.visit_id AND c.place = edits.place)`,
		"UPDATE edits SET hollow = 1 WHERE visit_id = ?1 AND of_place IN (SELECT place FROM edits WHERE visit_id = ?1 AND hollow = 1)",
	} {
		if _, err := tx.ExecContext(ctx, q, visit); err != nil {
			return err
		}
	}
	return nil
}
