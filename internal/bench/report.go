package bench

// Schema names the form of a Report's JSON.
const Schema = "dyade.bench/1"

// Work is what is timed.
type Work string

// Works. Pictures are 640 pixels wide, packed BGR, in order; only All and
// Analyze give none.
const (
	All       Work = "all"        // every picture decoded, and nothing done with it: the yardstick
	Even      Work = "even"       // 5 pictures a second, evenly
	Sample034 Work = "sample_034" // 5 in each second at the best positions, at most 0.34 s apart
	Sample075 Work = "sample_075" // the same, 2 and 0.75 s
	Keys2     Work = "keys_2"     // every keyframe and the two frames after it
	Keys      Work = "keys"       // every keyframe
	Index     Work = "index"      // the packet index alone, no picture
	Analyze   Work = "analyze"    // the recording's moments; of PySceneDetect its cuts
)

// Tool is who does a work.
type Tool string

// Tools.
const (
	Dyade       Tool = "dyade"
	FFmpeg      Tool = "ffmpeg"
	PyAV        Tool = "pyav"
	OpenCV      Tool = "opencv"
	Decord      Tool = "decord"
	SceneDetect Tool = "scenedetect"
)

// State is what became of a row.
type State string

// States.
const (
	Measured State = "measured"
	Missing  State = "missing" // the tool is not installed
	Failed   State = "failed"  // see Why
)

// Report is the document of `dyade bench decode --json`.
type Report struct {
	Schema  string  `json:"schema"`
	Dyade   string  `json:"dyade_version"`
	Date    string  `json:"date"` // as the caller gave it; "" where they gave none
	Machine Machine `json:"machine"`
	Film    Film    `json:"film"`
	Rounds  int     `json:"rounds"`
	Cores   int     `json:"cores"` // that every program could use
	Rows    []Row   `json:"rows"`
}

// Machine is where it was measured.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	OS     string `json:"os"`
	FFmpeg string `json:"ffmpeg"` // version of the program ffmpeg, "" where there is none
}

// Film is what was worked on.
type Film struct {
	Name      string  `json:"name"`
	SizeBytes int64   `json:"size_bytes"`
	DurationS float64 `json:"duration_s"`
	Codec     string  `json:"codec"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	Frames    int     `json:"frames"`

	path    string
	stream  int
	packets int
	wanted  map[Work]int // pictures that our plans want
	w, h    int          // of the pictures given
}

// Row is one tool at one work. Seconds, FirstS and the like are nil where they
// were not measured.
type Row struct {
	Work        Work     `json:"work"`
	Tool        Tool     `json:"tool"`
	Version     string   `json:"version"`
	Command     string   `json:"command"`
	State       State    `json:"state"`
	Why         string   `json:"why"`           // what went wrong, "" where nothing did
	Frames      int      `json:"frames"`        // pictures given; of All those decoded, of Index those found
	Seconds     *float64 `json:"seconds"`       // the shortest of the rounds
	Ratio       *float64 `json:"ratio"`         // Seconds to those of ffmpeg's All
	FirstS      *float64 `json:"first_s"`       // Analyze: until the first ranked moments, the shortest
	MaxRSSBytes *int64   `json:"max_rss_bytes"` // the largest of the rounds
	Runs        []Run    `json:"runs"`
}

// Run is one time taken.
type Run struct {
	Frames int `json:"frames"`
	// Seconds by the program's own clock, from opening the file to the last
	// picture, where it has one; else ProcessS.
	Seconds  float64  `json:"seconds"`
	ProcessS float64  `json:"process_s"` // from the start of the process to its end
	CPUS     float64  `json:"cpu_s"`     // of all threads of the process
	FirstS   *float64 `json:"first_s"`
	// MaxRSSBytes is the most memory resident; never less than that of the
	// program that measures, from which the system starts to count.
	MaxRSSBytes int64 `json:"max_rss_bytes"`
}

// Row finds a tool at a work, nil where it did not take part.
func (r *Report) Row(w Work, t Tool) *Row {
	for i := range r.Rows {
		if r.Rows[i].Work == w && r.Rows[i].Tool == t {
			return &r.Rows[i]
		}
	}
	return nil
}

// settle draws from the runs what counts. A row that failed once has no time.
func (r *Row) settle() {
	if r.Runs == nil {
		r.Runs = []Run{}
	}
	if r.State != Measured {
		return
	}
	for _, run := range r.Runs {
		r.Frames = run.Frames
		r.Seconds = least(r.Seconds, &run.Seconds)
		r.FirstS = least(r.FirstS, run.FirstS)
		if r.MaxRSSBytes == nil || run.MaxRSSBytes > *r.MaxRSSBytes {
			r.MaxRSSBytes = &run.MaxRSSBytes
		}
	}
}

func least(a, b *float64) *float64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}
