package annotate

import "dyade/annotate/timecode"

// AnalysisSchema names the form of moments.json; a change that breaks readers
// raises its number.
const AnalysisSchema = "dyade.moments/1"

// Analysis is what moments.json holds: proposals and what they rest on. It
// depends on the recording and the versions alone, not on when or where the
// analysis ran.
type Analysis struct {
	Schema    string      `json:"schema"`
	Dyade     string      `json:"dyade_version"`
	Models    []ModelUsed `json:"models"`
	Recording Recording   `json:"recording"`
	Sampling  Sampling    `json:"sampling"`
	Quality   []Warning   `json:"quality"`
	Coach     []Warning   `json:"coach"` // what to film otherwise, the most useful first
	People    []Person    `json:"people"`
	Speech    []Utterance `json:"speech"`
	Moments   []Moment    `json:"moments"` // best first
}

// MostAdvice is how much advice is given at once: more is not heeded.
const MostAdvice = 3

// ModelUsed names a network whose output the analysis rests on.
type ModelUsed struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// Sampling tells how much of the film was looked at.
type Sampling struct {
	Frames     int     `json:"frames"`        // looked at
	OfFrames   int     `json:"of_frames"`     // in the film
	LargestGap float64 `json:"largest_gap_s"` // between two looked at, or an end of the film
	InputWidth int     `json:"input_width"`   // of the picture given to the face detector, pixels
	Damaged    []Range `json:"damaged"`       // stretches that could not be decoded, or only in part
}

// Range is a stretch of media time in seconds, for people and JSON.
type Range struct {
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
}

// Lane is one signal over the whole recording, drawn in the report.
type Lane struct {
	Name   string        // a key of the catalogue: lane_faces, lane_closeness…
	Step   timecode.Base // between values; the first is at zero
	Values []float64     // 0 to 1
	Known  []bool        // false: unknown, drawn as such
}
