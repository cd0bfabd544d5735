// Command dyade turns a filmed play session into a short list of timecoded
// moments worth showing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"dyade/internal/i18n"
	"dyade/internal/version"
	"dyade/pipeline/decode"
)

// Exit codes: a contract with scripts.
const (
	exitDone        = 0
	exitFailed      = 1
	exitWrongUse    = 2
	exitUnreadable  = 3 // the recording cannot be read
	exitInterrupted = 130
)

func main() {
	frugal()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// command is one subcommand; each has a file of its own.
type command struct {
	name string
	run  func(ctx context.Context, t *terminal, args []string) error
}

var commands = []command{
	{"analyze", analyze},
	{"reel", doReel},
	{"export", doExport},
	{"serve", serve},
	{"open", openPage},
	{"label", doLabel},
	{"worker", doSteps},
	{"native", doNative}, // for workers, not for people
	{"show", doShow},     // for serve, not for people
	{"cut", doCut},       // the same
	{"batch", doBatch},
	{"backup", doBackup},
	{"restore", doRestore},
	{"eval", evaluate},
	{"bench", benchmark},
	{"cache", emptyCache},
	{"doctor", doctor},
	{"models", verifyModels},
	{"version", showVersion},
}

// terminal is what a command writes to, and in which language.
type terminal struct {
	out, err io.Writer
	lang     i18n.Lang
}

// say writes a line for people.
func (t *terminal) say(key string, args ...any) {
	fmt.Fprintln(t.err, i18n.T(t.lang, key, args...))
}

// wrongUse is an error of the one who typed the command.
type wrongUse struct{ text string }

func (w wrongUse) Error() string { return w.text }

// errFailed is returned by commands that have said themselves what is wrong.
var errFailed = errors.New("failed")

func run(args []string, out, err io.Writer) int {
	t := &terminal{out: out, err: err, lang: i18n.FromEnv()}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // asked a second time, the process ends at once
	return t.exit(ctx, t.dispatch(ctx, args))
}

func (t *terminal) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		return t.help(args)
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, t, args[1:])
		}
	}
	return wrongUse{i18n.T(t.lang, "cli_no_such_command", args[0])}
}

// help lists the commands, or shows one.
func (t *terminal) help(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(t.err, i18n.T(t.lang, "cli_help"))
		return wrongUse{}
	}
	fmt.Fprint(t.out, i18n.T(t.lang, "cli_help"))
	return nil
}

func showVersion(_ context.Context, t *terminal, _ []string) error {
	fmt.Fprintln(t.out, "dyade", version.Version)
	return nil
}

// flags makes a flag set whose help is the command's text in the catalogue.
func (t *terminal) flags(name string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	return f
}

// anyNumber of operands is right.
const anyNumber = -1

// parse reads the flags and the operands, of which there must be so many.
func (t *terminal) parse(f *pflag.FlagSet, args []string, operands int) error {
	help := "cli_help_" + f.Name()
	t.lang = asked(args, t.lang)
	switch err := f.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprint(t.out, i18n.T(t.lang, help))
		return pflag.ErrHelp
	case err != nil:
		return wrongUse{err.Error() + "\n" + i18n.T(t.lang, help)}
	case operands != anyNumber && f.NArg() != operands:
		return wrongUse{i18n.T(t.lang, help)}
	}
	return nil
}

// asked is the language that --lang names, wherever it stands: also before or
// behind what is wrong, or --help.
func asked(args []string, lang i18n.Lang) i18n.Lang {
	for i, a := range args {
		name, value, ok := strings.Cut(a, "=")
		if !ok && i+1 < len(args) {
			value = args[i+1]
		}
		if l, err := i18n.Parse(value); name == "--lang" && err == nil {
			return l
		}
	}
	return lang
}

// speak sets the language that was asked for.
func (t *terminal) speak(lang string) error {
	if lang == "" {
		return nil
	}
	l, err := i18n.Parse(lang)
	if err != nil {
		return wrongUse{i18n.T(t.lang, "cli_no_such_language", lang)}
	}
	t.lang = l
	return nil
}

// exit says what went wrong, if anything, and gives the exit code.
func (t *terminal) exit(ctx context.Context, err error) int {
	var unreadable *decode.Unreadable
	var use wrongUse
	var refused *refusal
	switch {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return exitDone
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		t.say("cli_interrupted")
		return exitInterrupted
	case errors.As(err, &use):
		if use.text != "" {
			fmt.Fprintln(t.err, strings.TrimRight(use.text, "\n"))
		}
		return exitWrongUse
	case errors.As(err, &unreadable):
		t.say("cli_error", i18n.T(t.lang, "unreadable_"+string(unreadable.Reason), unreadable.Path))
		if unreadable.Err != nil {
			t.say("cli_detail", unreadable.Err)
		}
		return exitUnreadable
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.As(err, &refused):
		_ = t.refuse(refused.detail, refused.key, refused.args...) // it says so itself
		return exitFailed
	case errors.Is(err, syscall.ENOSPC):
		t.say("cli_error", i18n.T(t.lang, "cli_disk_full"))
		t.say("cli_detail", err)
		return exitFailed
	}
	t.say("cli_error", err.Error())
	return exitFailed
}
