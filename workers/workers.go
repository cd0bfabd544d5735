// Package workers spreads the analysis of recordings over processes and machines.
// A Desk, in the process that has the database, gives out steps through asynq on
// Redis and accepts what comes back, once; Workers do the steps, each through a
// native process of its own. Redis holds names and sums of what is under way, and
// may be lost whole at any time; contents are in the media store.
package workers

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Steps beside those of pipeline.
const (
	probeStep    = "probe"    // what is this film?
	assembleStep = "assemble" // make the analysis, or tell which steps are missing
	rankStep     = "rank"     // tell what was found so far
)

// probe is the step with which a recording's analysis begins.
func probe() store.NewStep { return store.NewStep{Key: probeStep, Name: probeStep} }

// assemble is the try to make the analysis that follows an attempt: each of a
// recording has a number.
func assemble(after store.Attempt) *store.NewStep { return numbered(assembleStep, after) }

// numbered is a step of a name that follows a try to make the analysis.
func numbered(name string, after store.Attempt) *store.NewStep {
	n := 0
	if number, ok := strings.CutPrefix(after.Key, assembleStep+"-"); ok {
		n, _ = strconv.Atoi(number)
	}
	return &store.NewStep{Key: name + "-" + strconv.Itoa(n+1), Name: name}
}

// taskType names the tasks of asynq.
const taskType = "dyade:step"

// task is what a worker gets: no content.
type task struct {
	Attempt string        `json:"attempt"`
	Film    blob.Sum      `json:"film"`
	Step    string        `json:"step"`
	Wave    blob.Sum      `json:"wave,omitempty"`
	Place   int           `json:"place,omitempty"`
	Brief   blob.Sum      `json:"brief,omitempty"` // for assembleStep and rankStep
	Within  time.Duration `json:"within"`
}

// brief is what assembling needs beside the film; it is kept in the media store.
type brief struct {
	Name    string              `json:"name"`
	Lang    i18n.Lang           `json:"lang"`
	Results map[string]blob.Sum `json:"results"` // by the keys of their steps
}

// report is what a worker says of an attempt: no content either.
type report struct {
	Attempt string              `json:"attempt"`
	Result  blob.Sum            `json:"result,omitempty"`  // of a step that is done
	Missing bool                `json:"missing,omitempty"` // Result lists steps to be done first
	First   int                 `json:"first,omitempty"`   // of these, those that the next ranking needs; 0: all
	Ranking blob.Sum            `json:"ranking,omitempty"` // of what was found so far
	Files   map[string]blob.Sum `json:"files,omitempty"`   // of a whole analysis
	Reason  string              `json:"reason,omitempty"`  // why the film cannot be analysed
	Failed  string              `json:"failed,omitempty"`  // what may pass
	Crashed cause               `json:"crashed,omitempty"`
	Back    bool                `json:"back,omitempty"` // it was not done, and is to be given to another
	Took    time.Duration       `json:"took,omitempty"` // at a step that is done
	Film    float64             `json:"film,omitempty"` // seconds that the pictures span at which it looked
}

func encode(v any) []byte {
	doc, err := json.Marshal(v)
	if err != nil {
		panic(err) // they are made of strings and numbers
	}
	return doc
}

// How long a worker's hold on an attempt outlives its last sign of life, how often
// it gives one, and for how long a voided attempt is remembered.
const (
	leaseTime = 4 * time.Second
	signEvery = 500 * time.Millisecond
	voidTime  = time.Hour
)
