package label_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
)

// reader of any of the files, its result made comparable.
type reader func(s string) (any, error)

func read[T any](f func(r *strings.Reader) (T, error)) reader {
	return func(s string) (any, error) { return f(strings.NewReader(s)) }
}

var readers = map[string]reader{
	"closeness": read(func(r *strings.Reader) ([]label.State, error) { return label.Closenesses(r) }),
	"rttm":      read(func(r *strings.Reader) ([]label.Speech, error) { return label.RTTM(r) }),
	"speakers":  read(func(r *strings.Reader) ([]label.Speech, error) { return label.Speakers(r) }),
	"facing":    read(func(r *strings.Reader) ([]label.State, error) { return label.Facings(r) }),
	"faces":     read(func(r *strings.Reader) ([]int, error) { return label.Faces(r) }),
	"moments":   read(func(r *strings.Reader) ([]label.Moment, error) { return label.Moments(r) }),
	"people":    read(func(r *strings.Reader) ([]label.Person, error) { return label.People(r) }),
	"take":      read(func(r *strings.Reader) (*label.Take, error) { return label.ReadTake(r) }),
	"heads":     read(func(r *strings.Reader) ([]label.Head, error) { return label.Heads(r) }),
}

const headsHeader = "file,x,y,w,h,yaw,pitch,roll,identity,luma,blur_px,noise,visible\n"

func TestFilesAreRead(t *testing.T) {
	for _, c := range []struct {
		kind, text string
		want       any
	}{
		{"rttm", ";; a remark\nSPEAKER f 1 2.5 1.5 <NA> <NA> b <NA> <NA>\nSPEAKER f 1 1 0.5 <NA> <NA> a <NA> <NA>\n",
			[]label.Speech{{1, 1.5, "a"}, {2.5, 4, "b"}}},
		{"speakers", "0\t6.3\tspeakerA\n6.3\t11.3\tspeakerB\n", []label.Speech{{0, 6.3, "speakerA"}, {6.3, 11.3, "speakerB"}}},
		{"facing", "start_s,end_s,label,note\n5.8,9.3,mutual,both \"seen\"\n", []label.State{{5.8, 9.3, "mutual"}}},
		{"facing", "start_s,end_s,label,note,by\n5.8,9.3,mutual,seen,Anna\n", []label.State{{5.8, 9.3, "mutual"}}},
		{"closeness", "start_s,end_s,label,note,by\n0,2.5,touch,,Anna\n2.5,4,apart,,\n", []label.State{{0, 2.5, "touch"}, {2.5, 4, "apart"}}},
		{"faces", "frame,faces\n0,1\n2,2\n", []int{1, -1, 2}},
		{"moments", "start_s,end_s,kind\n1,4,face_to_face\n", []label.Moment{{1, 4, annotate.FaceToFace}}},
		{"people", "time_s,person,x,y,w,h,yaw,pitch,visible\n0.2,child,1,2,3,4,-40,5,1\n",
			[]label.Person{{0.2, annotate.Child, annotate.Box{X: 1, Y: 2, W: 3, H: 4}, -40, 5, true}}},
		{"people", "time_s,person,x,y,w,h,yaw,pitch,visible\n0.2,picture,1,2,3,4,0,0,1\n",
			[]label.Person{{0.2, annotate.Picture, annotate.Box{X: 1, Y: 2, W: 3, H: 4}, 0, 0, true}}},
		{"people", "time_s,person,x,y,w,h,yaw,pitch,visible\n0.2,child,1,2,3,4,0,0,1\n0.1,parent,5,6,7,8,0,0,0\n", []label.Person{
			{0.1, annotate.Parent, annotate.Box{X: 5, Y: 6, W: 7, H: 8}, 0, 0, false},
			{0.2, annotate.Child, annotate.Box{X: 1, Y: 2, W: 3, H: 4}, 0, 0, true}}},
		{"take", `{"schema": "dyade.take/1", "name": "a", "split": "test", "seed": 7, "tags": ["nothing"], "identities": ["w"], "note": "n"}`,
			&label.Take{Schema: label.TakeSchema, Name: "a", Split: "test", Seed: 7, Tags: []string{"nothing"}, Identities: []string{"w"}, Note: "n"}},
		{"heads", headsHeader + "a.png,1,2,3,4,-40,5,6,w,100,0,0,1\n", []label.Head{{
			File: "a.png", Box: annotate.Box{X: 1, Y: 2, W: 3, H: 4}, Pose: annotate.Pose{Yaw: -40, Pitch: 5, Roll: 6}, Identity: "w", Visible: true}}},
	} {
		got, err := readers[c.kind](c.text)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v; want %+v", c.kind, got, err, c.want)
		}
	}
}

func TestFaultsAreNamedWithTheirLine(t *testing.T) {
	for _, c := range []struct{ kind, text, says string }{
		{"rttm", "SPEAKER f 1 2.5\n", "line 1"},
		{"rttm", "\nSPEAKER f 1 x 1 <NA> <NA> a <NA> <NA>\n", "line 2: start"},
		{"rttm", "SPEAKER f 1 1 -4 <NA> <NA> a <NA> <NA>\n", "duration"},
		{"speakers", "0\t6.3\n", "wrong number of fields"},
		{"speakers", "5\t2\ta\n", "before it starts"},
		{"facing", "", "empty"},
		{"facing", "a,b\n", "the first line must be"},
		{"facing", "start,end,label,note\n", "the first line must be"},
		{"facing", "start_s,end_s,label,note\n1,2,smiling,\n", "line 2"},
		{"closeness", "start_s,end_s,label,note\n1,2,near,\n", "line 2"},
		{"closeness", "start_s,end_s,label\n", "the first line must be"},
		{"closeness", "start_s,end_s,label,note\n1,2,close\n", "wrong number"},
		{"faces", "frame,faces\n-1,1\n", "whole number"},
		{"faces", "frame,faces\n99999999,1\n", "whole number"},
		{"moments", "start_s,end_s,kind\n1,2,joy\n", `"joy" is none of`},
		{"moments", "start_s,end_s,kind\nNaN,2,approach\n", "not a number"},
		{"people", "time_s,person,x,y,w,h,yaw,pitch,visible\n0,uncle,1,2,3,4,5,6,1\n", "uncle"},
		{"take", "{", "unexpected"},
		{"take", `{"schema": "dyade.take/9"}`, "dyade.take/9"},
		{"heads", headsHeader + "../a.png,1,2,3,4,5,6,7,w,100,0,0,1\n", "no file in this folder"},
		{"heads", headsHeader + "a.png,1,2,wide,4,5,6,7,w,100,0,0,1\n", "w: "},
	} {
		_, err := readers[c.kind](c.text)
		if !errors.Is(err, label.ErrSyntax) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %q: error %v, want one that says %q", c.kind, c.text, err, c.says)
		}
	}
}

func TestCount(t *testing.T) {
	for name, want := range map[string]int{"none": 0, "one": 1, "three": 3} {
		if n, ok := label.Count(name); !ok || n != want {
			t.Errorf("%s: %d, %v", name, n, ok)
		}
	}
	if _, ok := label.Count("holiday"); ok {
		t.Error("holiday is a number")
	}
}

func FuzzLabels(f *testing.F) {
	f.Add("SPEAKER f 1 2.5 1.5 <NA> <NA> b <NA> <NA>\n")
	f.Add("0\t6.3\tspeakerA\n")
	f.Add("start_s,end_s,label,note\n5.8,9.3,mutual,\n")
	f.Add("start_s,end_s,label,note,by\n0,2.5,touch,a \"note\",Anna\n")
	f.Add("frame,faces\n0,1\n2,2\n")
	f.Add("start_s,end_s,kind\n1,4,face_to_face\n")
	f.Add("time_s,person,x,y,w,h,yaw,pitch,visible\n0.2,child,1,2,3,4,-40,5,1\n0.2,picture,9,2,3,4,0,0,1\n")
	f.Add(headsHeader + "a.png,1,2,3,4,-40,5,6,w,100,0,0,1\n")
	f.Add("start_s,end_s,label,note\n1,2,touch,\n")
	f.Add(`{"schema": "dyade.take/1", "name": "a", "split": "test", "seed": 7, "tags": ["nothing"], "identities": ["w"], "note": ""}`)
	f.Fuzz(func(t *testing.T, text string) {
		for kind, r := range readers {
			got, err := r(text)
			if err != nil && !errors.Is(err, label.ErrSyntax) {
				t.Errorf("%s: error without kind: %v", kind, err)
			}
			if list, ok := got.([]label.Moment); ok && err == nil {
				for _, m := range list {
					if m.EndS < m.StartS || m.StartS < 0 {
						t.Errorf("moment %+v", m)
					}
				}
			}
		}
	})
}

var forms = []label.Form{label.FacingCSV, label.ClosenessCSV, label.MomentsCSV, label.TurnsRTTM, label.TurnsCSV}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	words := map[label.Form]string{label.FacingCSV: "none", label.ClosenessCSV: "close", label.MomentsCSV: "approach", label.TurnsRTTM: "child", label.TurnsCSV: "child"}
	for form, word := range words {
		want := []annotate.Label{
			{StartS: 0.1, EndS: 0.3, Label: word, Note: `he says "no", then waits`, By: "Anna B."},
			{StartS: 1, EndS: 1, Label: word}, {StartS: 1234.567, EndS: 1234.6, Label: word, By: "2"},
		}
		var out strings.Builder
		if err := label.Write(&out, form, "a film", want); err != nil {
			t.Fatal(err)
		}
		got, err := label.Read(strings.NewReader(out.String()), form)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v of\n%s", form, got, err, out.String())
		}
	}
}

// FuzzForms: what can be read and may be kept is the same once it was written.
func FuzzForms(f *testing.F) {
	f.Add("start_s,end_s,label,note,by\n0,2.5,touch,a \"note\",Anna\n")
	f.Add("start_s,end_s,kind,note,by\n1,4,face_to_face,,\n")
	f.Add("SPEAKER f 1 2.5 1.5 <NA> <NA> b <NA> <NA>\n;; by Anna\n;; note she asks\n")
	f.Add("0\t6.3\tspeakerA\tnote\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range forms {
			all, err := label.Read(strings.NewReader(text), form)
			if err != nil {
				if !errors.Is(err, label.ErrSyntax) {
					t.Errorf("%s: error without kind: %v", form, err)
				}
				continue
			}
			kept, err := track(form).Settled(all)
			if err != nil {
				if !errors.Is(err, annotate.ErrLabel) {
					t.Errorf("%s: error without kind: %v", form, err)
				}
				continue
			}
			var out, again strings.Builder
			if err := label.Write(&out, form, "f", kept); err != nil {
				t.Fatal(err)
			}
			got, err := label.Read(strings.NewReader(out.String()), form)
			if err != nil || len(got) != len(kept) {
				t.Fatalf("%s: %v became %v, %v by\n%s", form, kept, got, err, out.String())
			}
			if err := label.Write(&again, form, "f", got); err != nil || again.String() != out.String() {
				t.Errorf("%s: %q, then %q", form, out.String(), again.String())
			}
		}
	})
}

func track(form label.Form) annotate.Track {
	for _, t := range annotate.Tracks {
		if slices.Contains(label.Forms(t.Name), form) {
			return t
		}
	}
	panic(form)
}
