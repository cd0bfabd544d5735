package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"dyade/internal/i18n"
	"dyade/pipeline"
)

// progress shows how far the work is: one line that is rewritten on a
// terminal, plain lines elsewhere.
type progress struct {
	t     *terminal
	quiet bool
	live  bool // a terminal that rewrites its line
	start time.Time
	shown time.Time
	width int // of the line on the screen
	share map[pipeline.Stage]float64
	last  pipeline.Stage
	part  int // quarters of the stage that were told
}

func newProgress(t *terminal, quiet bool) *progress {
	return &progress{t: t, quiet: quiet, live: isTerminal(t.err), start: time.Now(), share: map[pipeline.Stage]float64{}}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// tell is called with the share done of a stage. Sound is listened to beside
// the pictures, which nearly always take longer: they speak for both.
func (p *progress) tell(s pipeline.Stage, done float64) {
	p.share[s] = done
	if p.quiet || s == pipeline.StageAudio && p.scanning() {
		return
	}
	if p.live {
		p.draw(s, done)
	} else {
		p.line(s, done)
	}
}

func (p *progress) scanning() bool { _, ok := p.share[pipeline.StageScan]; return ok }

// draw rewrites the line, ten times a second at most.
func (p *progress) draw(s pipeline.Stage, done float64) {
	now := time.Now()
	if s == p.last && now.Sub(p.shown) < 100*time.Millisecond && done < 1 {
		return
	}
	p.last, p.shown = s, now
	text := fmt.Sprintf("%s %s", i18n.T(p.t.lang, "cli_stage_"+string(s)), i18n.Percent(p.t.lang, done))
	if spent := now.Sub(p.start); (s == pipeline.StageScan || s == stageReel) && done > 0.03 && spent > time.Second {
		left := spent.Seconds() * (1 - done) / done
		text += ", " + i18n.T(p.t.lang, "cli_time_left", i18n.Duration(p.t.lang, left))
	}
	p.rewrite(text)
}

func (p *progress) rewrite(text string) {
	n := len([]rune(text))
	fmt.Fprintf(p.t.err, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-n)))
	p.width = n
}

// line writes a line as each stage begins, and each quarter of a long one.
func (p *progress) line(s pipeline.Stage, done float64) {
	quarter := int(done * 4)
	if s == p.last && quarter <= p.part {
		return
	}
	p.last, p.part = s, quarter
	fmt.Fprintf(p.t.err, "%s %s\n", i18n.T(p.t.lang, "cli_stage_"+string(s)), i18n.Percent(p.t.lang, done))
}

// end leaves the screen as it was.
func (p *progress) end() {
	if p.live && p.width > 0 {
		p.rewrite("")
		fmt.Fprint(p.t.err, "\r")
	}
}
