// Package annotate holds the nouns of the field: what is filmed, seen, heard,
// proposed and decided. It is pure Go and imports nothing of dyade's but time.
package annotate

import "dyade/annotate/timecode"

// Role is who a person is in the dyad.
type Role string

// Roles. An analysis guesses them; a person's word is final.
const (
	Parent      Role = "parent"
	Child       Role = "child"
	Other       Role = "other"
	Picture     Role = "picture" // a face on a photograph or a screen: nobody who is there
	RoleUnknown Role = "unknown"
)

// MomentKind names an observable behaviour, never an emotion or a diagnosis.
type MomentKind string

// Kinds of moments, in the order in which they are listed to people.
const (
	FaceToFace       MomentKind = "face_to_face"
	JointAttention   MomentKind = "joint_attention"
	TurnTaking       MomentKind = "turn_taking"
	BidResponse      MomentKind = "bid_response"
	Approach         MomentKind = "approach"
	SharedEngagement MomentKind = "shared_engagement"
	Reunion          MomentKind = "reunion"
)

// Recording is a filmed session as the probe found it.
type Recording struct {
	SHA256    string           `json:"sha256"`
	Name      string           `json:"name"` // the file's own name, without its folder
	SizeBytes int64            `json:"size_bytes"`
	Container string           `json:"container"`
	DurationS float64          `json:"duration_s"`
	Duration  timecode.Instant `json:"duration"`
	Video     *Video           `json:"video"` // nil: sound only
	Audio     *Audio           `json:"audio"` // nil: silent
}

// Width of the picture in pixels, 0 where there is none.
func (r Recording) Width() int {
	if r.Video == nil {
		return 0
	}
	return r.Video.Width
}

// Video is the picture track that is analysed.
type Video struct {
	Stream   int              `json:"stream"`
	Codec    string           `json:"codec"`
	Width    int              `json:"width"`    // as shown: after rotation, square pixels
	Height   int              `json:"height"`   // as shown
	Rotation int              `json:"rotation"` // degrees clockwise applied to show it: 0, 90, 180, 270
	BitDepth int              `json:"bit_depth"`
	Base     timecode.Base    `json:"time_base"`
	Start    timecode.Instant `json:"start"`  // first picture, media time
	Frames   int              `json:"frames"` // packets in the track
}

// Audio is the sound track that is analysed.
type Audio struct {
	Stream   int           `json:"stream"`
	Codec    string        `json:"codec"`
	Rate     int           `json:"rate"` // Hz
	Channels int           `json:"channels"`
	Base     timecode.Base `json:"time_base"`
}

// Point is a position in the upright picture: pixels of its full size, from
// the top left corner.
type Point struct{ X, Y float64 }

// Box is an upright rectangle in the same pixels.
type Box struct{ X, Y, W, H float64 }

// Center of the box.
func (b Box) Center() Point { return Point{b.X + b.W/2, b.Y + b.H/2} }

// Face is one face found in one frame.
type Face struct {
	Box   Box
	Score float64 // the detector's, 0 to 1
	// Landmarks are the eye on the left of the picture, the eye on its right,
	// the nose tip, and the mouth corners on its left and right (of a face
	// that looks at the camera upright).
	Landmarks [5]Point
	Pose      Pose
	PoseKnown bool    // false: the landmarks do not fit a face
	PoseError Pose    // standard errors of Pose in degrees, where it is known
	Luma      float64 // mean of the box, 0 to 255
	// Look describes colours of head and clothes, for telling people apart: a
	// unit vector, nil where the box is too small. Lengths agree in a run.
	Look []float32
}

// Pose is a head's direction in degrees, all zero when it looks into the
// camera upright. Yaw is positive when turned to the right edge of the
// picture, pitch when it looks up, roll when it tilts clockwise.
type Pose struct{ Yaw, Pitch, Roll float64 }

// MotionCols and MotionRows are the size of a Sighting's motion grid.
const (
	MotionCols = 32
	MotionRows = 18
)

// Sighting is what was seen in one decoded frame.
type Sighting struct {
	At    timecode.Instant // the frame's own time stamp, media time
	Faces []Face           // largest first
	// Motion is the mean absolute luma change (0 to 255) per cell since a frame
	// MotionS seconds before, camera motion removed, row by row; nil
	// where there is none to compare with.
	Motion  []uint8
	MotionS float64 // seconds that Motion and Shift span
	// ShiftKnown is false where the picture changed so much that the camera's
	// movement, and with it anyone's motion, cannot be told.
	ShiftKnown bool
	Shift      Point // the camera's own movement since that frame, in picture widths (X) and heights (Y)
	// Colours are the mean blue, green and red (0 to 255) of each cell of the motion
	// grid, row by row; nil where they were not looked at.
	Colours []uint8
	Luma    float64 // mean, 0 to 255
	Sharp   float64 // variance of the Laplacian of the luma at 320 pixels width
	// Guessed is true where the decoder made parts of a damaged picture up: whom it
	// does not show may be there all the same.
	Guessed bool
}

// Person is one track of faces: someone followed through the recording.
type Person struct {
	ID             string  `json:"id"` // p1, p2…
	Role           Role    `json:"role"`
	RoleConfidence float64 `json:"role_confidence"`
	// Seen maps each sighting (its index) to the person's face in it.
	Seen map[int]Face `json:"-"`
}

// Voice is a first guess of who speaks.
type Voice string

// Voices.
const (
	AdultVoice   Voice = "adult"
	ChildVoice   Voice = "child"
	UnknownVoice Voice = "unknown"
	// BackgroundVoice is speech that goes on behind that of the people who are filmed:
	// a television's, a radio's, another room's. Its speaker is 0.
	BackgroundVoice Voice = "background"
	// VocalVoice is a voice that says no words: a cry, a laugh, a squeal; whose is not
	// known. Its speaker is 0.
	VocalVoice Voice = "vocal"
)

// Utterance is a stretch of speech, or of another sound, by one voice.
type Utterance struct {
	timecode.Span
	Speaker    int     `json:"speaker"` // voices told apart in this recording: 1, 2…; 0 unknown
	Voice      Voice   `json:"voice"`
	Confidence float64 `json:"confidence"` // of the speaker, 0 to 1
}

// Spoken are the utterances in which the people who are filmed speak: neither those in the
// background nor those without words.
func Spoken(all []Utterance) []Utterance {
	var list []Utterance
	for _, u := range all {
		if u.Voice != BackgroundVoice && u.Voice != VocalVoice {
			list = append(list, u)
		}
	}
	return list
}

// Moment is a candidate that the analysis proposes.
type Moment struct {
	ID         string           `json:"id"`
	Kind       MomentKind       `json:"kind"`
	StartS     float64          `json:"start_s"`
	EndS       float64          `json:"end_s"`
	Start      timecode.Instant `json:"start"`
	End        timecode.Instant `json:"end"`
	Score      float64          `json:"score"`      // how well it fits the kind's rule, 0 to 1
	Confidence float64          `json:"confidence"` // how sure what was seen is, 0 to 1
	Unknown    float64          `json:"unknown"`    // share of its time in which a cue it needs was not known
	People     []string         `json:"people"`
	Evidence   []Evidence       `json:"evidence"`
}

// RankingSchema names the form of a Ranking's JSON.
const RankingSchema = "dyade.ranking/1"

// Ranking is what an analysis under way has found so far: each is better than
// the one before it.
type Ranking struct {
	Schema     string   `json:"schema"`
	Pass       int      `json:"pass"`          // 1, 2…
	Final      bool     `json:"final"`         // the moments are those of the whole analysis
	Frames     int      `json:"frames"`        // pictures looked at so far
	LargestGap float64  `json:"largest_gap_s"` // longest time between two of them, seconds
	Moments    []Moment `json:"moments"`       // best first; ids may change until the last
}

// Evidence is one cue that fired, with when and how much.
type Evidence struct {
	Cue    string  `json:"cue"`
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
}

// Warning is something about the film that limits what can be seen or heard.
type Warning struct {
	Code  string  `json:"code"`  // too_dark, faces_too_small, no_sound, camera_moving, no_picture, damaged, …
	Share float64 `json:"share"` // of the recording it concerns, 0 to 1
}

// IoU is the intersection of two boxes over their union, 0 to 1.
func (b Box) IoU(o Box) float64 {
	w := min(b.X+b.W, o.X+o.W) - max(b.X, o.X)
	h := min(b.Y+b.H, o.Y+o.H) - max(b.Y, o.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (b.W*b.H + o.W*o.H - w*h)
}
