// Package store is the truth of what dyade holds: cases, visits, recordings, how
// far their analysis is and what it gave. It is one SQLite database, opened by
// one process; media lie beside it, in the media store.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// Store is an open database. Its methods may be called from several goroutines
// at once.
type Store struct {
	db      *sql.DB
	now     func() time.Time
	changes changes
}

// Errors, wrapped.
var (
	// ErrMissing: what is asked for is not in the database.
	ErrMissing = errors.New("it is not there")
	// ErrNewer: this program does not know the form that the database has.
	ErrNewer = errors.New("it was made by a newer dyade: install that one again")
)

// Open opens the database at path, made where there is none, and brings it to
// this program's form. now tells the time. The error wraps ErrNewer where the
// database is that of a newer program.
func Open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	s, err := open(ctx, path, now)
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// SQLite gives its other files the mode of the first.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", address(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(idle)
	s := &Store{db: db, now: now}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// idle connections are kept for the next who ask: opening one takes longer than most of
// what is asked.
const idle = 8

// address of a database: writes are safe on the disk when they return, what is
// deleted is overwritten, and who finds it locked waits.
func address(path string) string {
	q := url.Values{"_txlock": {"immediate"}}
	for _, pragma := range []string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	} {
		q.Add("_pragma", pragma)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Close lets the database go.
func (s *Store) Close() error { return s.db.Close() }

//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies the numbered files that the database has not had, all or none;
// user_version counts them.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/*.sql") // sorted
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		var had int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&had); err != nil {
			return err
		}
		if had > len(files) {
			return fmt.Errorf("%w (it has form %d; this one knows %d)", ErrNewer, had, len(files))
		}
		for n, file := range files[had:] {
			doc, err := migrations.ReadFile(file)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, string(doc)); err != nil {
				return fmt.Errorf("bring it to form %d: %w", had+n+1, err)
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", had+n+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// write does work in one transaction, or nothing of it, and tells of it where it changed
// something.
func (s *Store) write(ctx context.Context, work func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var before, after int64 // rows that this connection has changed
	err = tx.QueryRowContext(ctx, changedRows).Scan(&before)
	if err == nil {
		err = work(tx)
	}
	if err == nil {
		err = tx.QueryRowContext(ctx, changedRows).Scan(&after)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if after != before {
		defer s.changes.tell()
	}
	return tx.Commit()
}

const changedRows = "SELECT total_changes()"

// read looks at the database as it is at one instant.
func (s *Store) read(ctx context.Context, look func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(look(tx), tx.Rollback())
}

// Check reads the whole database; the error tells what is wrong with it.
func (s *Store) Check(ctx context.Context) error {
	var found []string
	for _, q := range []string{
		"SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
		`SELECT 'a row of ' || "table" || ' names what is not there' FROM pragma_foreign_key_check`,
		otherFacts,
	} {
		list, err := column[string](ctx, s.db, q)
		if err != nil {
			return fmt.Errorf("check the database: %w", err)
		}
		found = append(found, list...)
	}
	if len(found) > 0 {
		return fmt.Errorf("the database is damaged; restore a backup: %s", strings.Join(found, "; "))
	}
	return nil
}

// Backup writes a copy of the database, as it is at one instant, to a new file.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := s.db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return fmt.Errorf("back the database up to %s: %w", path, err)
	}
	return nil
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// column gives the one column that a query has.
func column[T any](ctx context.Context, q queryer, query string, args ...any) ([]T, error) {
	return list(ctx, q, func(scan func(...any) error) (v T, err error) {
		err = scan(&v)
		return v, err
	}, query, args...)
}

// errEnough ends a list with the row that it is given for.
var errEnough = errors.New("that is enough")

// list gives each row as what read makes of it.
func list[T any](ctx context.Context, q queryer, read func(scan func(...any) error) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := read(rows.Scan)
		if errors.Is(err, errEnough) {
			return append(all, v), nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// newID is a name that no other thing has or can guess.
func newID() string { return strings.ToLower(rand.Text()) }

func (s *Store) ms() int64 { return s.now().UnixMilli() }
