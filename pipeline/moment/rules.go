package moment

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"dyade/annotate"
)

//go:embed rules.json
var rulesFile []byte

// Rules are the limits and weights of every kind of moment. The limits follow
// the field's conventions: a turn is taken within 5 s, an answer to a bid comes
// within about 2 s. Many are a little wider than what the kinds are by definition
// (docs/formats.md, moments), by what the grid and smoothing take.
type Rules struct {
	FaceToFace struct {
		LeastS   float64 `json:"least_s"`
		BridgeS  float64 `json:"bridge_s"`  // gap in it that does not end it
		UnknownS float64 `json:"unknown_s"` // gap of nothing known that does not
		Weights  struct {
			Length, Steady, Close float64
		}
		FullLengthS float64 `json:"full_length_s"` // that earns the whole weight of length
	} `json:"face_to_face"`
	Approach struct {
		LeastDrop float64 `json:"least_drop"` // share of the distance
		EndWithin float64 `json:"end_within"` // face widths
		MostS     float64 `json:"most_s"`
		Moving    float64 `json:"moving"` // face widths per second
		StayS     float64 `json:"stay_s"` // after it, in which staying close counts for it
		BridgeS   float64 `json:"bridge_s"`
		Weights   struct {
			Drop, Nearness, Stay float64
		}
		Comfort struct {
			AskedS     float64 `json:"asked_s"`     // before it, in which a bid is one that it answers
			LateS      float64 `json:"late_s"`      // after it, until when one still is
			SettleS    float64 `json:"settle_s"`    // after it, until the two are calm
			StayS      float64 `json:"stay_s"`      // after it, in which they touch
			LeastTouch float64 `json:"least_touch"` // share of that time
			LeastCalm  float64 `json:"least_calm"`  // share of their motion that ends
			MostPlay   float64 `json:"most_play"`   // share of the time in which something moves between them
		} `json:"comfort"`
	} `json:"approach"`
	TurnTaking struct {
		LeastTurns int     `json:"least_turns"`
		MostPauseS float64 `json:"most_pause_s"`
		MostS      float64 `json:"most_s"` // longer exchanges are shown in parts
		Weights    struct {
			Turns, Quick, Balance float64
		}
		FullTurns float64 `json:"full_turns"`
		// SureBesideBackground is what is left of the confidence where a television
		// talks throughout: some of its speech is then taken for a turn.
		SureBesideBackground float64 `json:"sure_beside_background"`
	} `json:"turn_taking"`
	BidResponse struct {
		QuietS     float64 `json:"quiet_s"`      // without a bid, before one
		SpokenS    float64 `json:"spoken_s"`     // the longest speech that is a bid
		NotTurnedS float64 `json:"not_turned_s"` // of the one who answers, before the bid
		SoonestS   float64 `json:"soonest_s"`    // an answer sooner is no answer
		LatestS    float64 `json:"latest_s"`
		AfterS     float64 `json:"after_s"` // shown after the answer
		Weights    struct {
			Quick, Stays float64
		}
	} `json:"bid_response"`
	SharedEngagement struct {
		LeastS  float64 `json:"least_s"`
		Within  float64 `json:"within"`  // face widths
		Settled float64 `json:"settled"` // face widths per second: coming close faster is an approach still
		Motion  float64 `json:"motion"`  // luma steps in the shared area
		BridgeS float64 `json:"bridge_s"`
		Weights struct {
			Length, Close, Active float64
		}
		FullLengthS float64 `json:"full_length_s"`
	} `json:"shared_engagement"`
	JointAttention struct {
		LeastS      float64 `json:"least_s"`
		Within      float64 `json:"within"`       // face widths
		SamePlace   float64 `json:"same_place"`   // face widths between what the two are bent over, at any time…
		SameMean    float64 `json:"same_mean"`    // …and on average: an angle of a head errs by some degrees
		Motion      float64 `json:"motion"`       // luma steps in the shared area
		LeastActive float64 `json:"least_active"` // share of the time with such motion
		BridgeS     float64 `json:"bridge_s"`
		Weights     struct {
			Length, Close, Active float64
		}
		FullLengthS float64 `json:"full_length_s"`
	} `json:"joint_attention"`
	Reunion struct {
		AwayS   float64 `json:"away_s"`  // out of the picture
		MeetS   float64 `json:"meet_s"`  // from coming back to being together, at most
		Within  float64 `json:"within"`  // face widths that are together
		AfterS  float64 `json:"after_s"` // of being together that is shown
		StayS   float64 `json:"stay_s"`  // after it, in which staying together counts for it
		Weights struct {
			Quick, Stays float64
		}
	} `json:"reunion"`
	SnapS   float64 `json:"snap_s"` // a moment may grow by so much not to cut speech
	Ranking struct {
		Confidence float64 `json:"confidence"` // its weight against the score
		SameKind   float64 `json:"same_kind"`  // taken off for each of its kind before it
		SameTime   float64 `json:"same_time"`  // taken off for a like time before it
	} `json:"ranking"`
}

// DefaultRules are the rules that dyade ships.
func DefaultRules() Rules {
	r, err := ParseRules(rulesFile)
	if err != nil {
		panic(err) // the file is part of the program and read by its tests
	}
	return r
}

// ParseRules reads rules in the form of rules.json; unknown names are errors,
// so that a misspelt limit is not silently zero.
func ParseRules(data []byte) (Rules, error) {
	var r Rules
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return Rules{}, fmt.Errorf("read the rules of moments: %w", err)
	}
	return r, nil
}

// Kinds are those that the rules find, in the order in which they are listed.
var Kinds = []annotate.MomentKind{
	annotate.FaceToFace, annotate.JointAttention, annotate.TurnTaking, annotate.BidResponse,
	annotate.Approach, annotate.SharedEngagement, annotate.Reunion,
}
