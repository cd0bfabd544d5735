package reel

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/pipeline/encode/h264"
	"dyade/pipeline/encode/movie"
	"dyade/pipeline/reel/sound"
)

// render makes the reel's file and looks whether it is as it should be.
func render(ctx context.Context, r annotate.Reel, films map[string]*film, path string, o Options) (*Provenance, error) {
	p, err := newPlan(r, films, o)
	if err != nil {
		return nil, err
	}
	m := &maker{p: p, o: o, paint: newPainter(p), times: map[int64]int64{}, all: make(chan heard, soundAhead), told: newProvenance()}
	if err := m.open(path); err != nil {
		return nil, err
	}
	work, under := errgroup.WithContext(ctx)
	m.ctx = under
	work.Go(func() error {
		defer close(m.all)
		return m.hear()
	})
	work.Go(m.make)
	err = work.Wait()
	m.close()
	if err == nil {
		err = m.file.Sync()
	}
	if closed := m.file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return m.verify(ctx, path)
}

// soundAhead is how many blocks of sound wait to be written, at most.
const soundAhead = 512

// maker makes one file.
type maker struct {
	ctx      context.Context
	p        *plan
	o        Options
	paint    *painter
	file     *os.File
	movie    *movie.Writer
	pictures *encode.Pictures
	sounds   *encode.Sounds

	all  chan heard
	next *heard  // that is not written yet
	said float64 // seconds of which Progress was told

	given int64           // pictures that the encoder was given
	times map[int64]int64 // of those that it holds, by their numbers
	due   []batch         // what is to be written, in order
	shown []int64         // times of pictures, in order
	last  *piece          // that was noted
	told  Provenance
}

// heard is a block of coded sound.
type heard struct {
	data []byte
	at   int64 // of its first frame
}

// batch is what is written as one: pictures that are coded, or a stretch that is copied.
type batch struct {
	pictures int // that the encoder still holds
	film     *film
	packets  stretch
	times    map[int]int64 // of packets
}

// open opens the encoders and the file.
func (m *maker) open(path string) (err error) {
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	p := m.p
	m.pictures, err = encode.OpenPictures(encode.Form{
		Width: p.width, Height: p.height, Colours: p.colours, FPS: p.fps, Threads: m.o.Threads, Set: p.setID(),
	})
	if err != nil {
		return err
	}
	if m.sounds, err = encode.OpenSounds(sound.Rate); err != nil {
		return err
	}
	pictures, err := m.pictures.Track()
	if err != nil {
		return err
	}
	if p.sets != nil {
		pictures.SPS = append(slices.Clone(p.sets.Sequences), pictures.SPS...)
		pictures.PPS = append(slices.Clone(p.sets.Pictures), pictures.PPS...)
	}
	if m.file, err = os.Create(path); err != nil {
		return err
	}
	shots := 0
	for _, x := range p.pieces {
		shots += len(x.shots)
	}
	m.movie, err = movie.New(m.file, movie.Options{
		Title: p.reel.Title, Chapters: p.chapters(), Seconds: p.seconds(p.end),
		Tracks: []movie.Track{
			{Scale: uint32(p.scale), Picture: pictures, Most: shots},
			{Scale: sound.Rate, Sound: m.sounds.Track(), Skip: encode.SoundSkip, Most: int(p.frame(p.end)/encode.SoundBlock) + 3},
		},
	})
	if err != nil {
		m.file.Close()
	}
	return err
}

func (m *maker) close() {
	if m.pictures != nil {
		m.pictures.Close()
	}
	if m.sounds != nil {
		m.sounds.Close()
	}
}

// frame is the frame of sound at a time of the reel.
func (p *plan) frame(ticks int64) int64 {
	return timecode.Instant{Ticks: ticks, Base: p.base()}.In(timecode.Base{Num: 1, Den: sound.Rate}).Ticks
}

// chapters are the parts that have a title; what comes before the first belongs to it.
func (p *plan) chapters() (all []movie.Chapter) {
	for _, x := range p.pieces {
		if c := x.part.Cut; c != nil && c.Title != "" {
			all = append(all, movie.Chapter{Start: x.start, Title: c.Title})
		}
	}
	if len(all) > 0 {
		all[0].Start = 0
	}
	return all
}

// make writes all.
func (m *maker) make() error {
	for _, x := range m.p.pieces {
		before := len(m.shown)
		if err := m.piece(x); err != nil {
			return err
		}
		if len(m.shown) == before {
			return &Unfit{Part: x.number + 1, Why: Damaged}
		}
	}
	if err := m.pictures.Finish(m.coded); err != nil {
		return fmt.Errorf("code pictures: %w", err)
	}
	if err := m.settle(); err != nil {
		return err
	}
	if err := m.listen(math.MaxInt64); err != nil {
		return err
	}
	return m.movie.Close(m.p.end, m.p.frame(m.p.end))
}

// piece makes a part: what lies between copied stretches is coded.
func (m *maker) piece(x *piece) error {
	at := 0
	for _, s := range x.stretches {
		if err := m.encode(x, at, s.from); err != nil {
			return err
		}
		if err := m.copy(x, s); err != nil {
			return err
		}
		at = s.to
	}
	return m.encode(x, at, len(x.shots))
}

// longS is how long a picture is shown, in seconds, before which none is decoded that is
// shown after it: all pictures are decoded so much before they are shown as the longest
// of those, and some players do not know when the first is to be shown.
const longS = 0.1

// encode codes shots, to excluded.
func (m *maker) encode(x *piece, from, to int) error {
	if from >= to {
		return nil
	}
	m.due = append(m.due, batch{})
	shots, kind := x.shots[from:to], encode.Key
	give := func(s shot, planes []byte) error {
		m.note(x, s, false)
		if kind != encode.Key && s.until-s.at > m.p.ticks(longS) {
			kind = encode.Forward
		}
		m.due[len(m.due)-1].pictures++
		m.times[m.given] = m.shown[len(m.shown)-1]
		m.given++
		err := m.pictures.Picture(m.paint.dim(planes, s.share), kind, m.coded)
		if kind = encode.Free; err != nil {
			return fmt.Errorf("code a picture: %w", err)
		}
		return m.ctx.Err()
	}
	if shots[0].packet < 0 {
		return m.stills(x, shots, give)
	}
	return m.played(x, shots, give)
}

// stills gives the same picture for each shot.
func (m *maker) stills(x *piece, shots []shot, give func(shot, []byte) error) error {
	planes := m.paint.plain(dark)
	var err error
	if x.part.Card != nil {
		planes, err = m.paint.card(x.part.Card.Text)
	} else if c := x.part.Cut.Caption; c != "" {
		err = m.paint.note(planes, c)
	}
	for i := 0; i < len(shots) && err == nil; i++ {
		err = give(shots[i], planes)
	}
	return err
}

// played gives shots of the film, those that hold a picture from that.
func (m *maker) played(x *piece, shots []shot, give func(shot, []byte) error) error {
	f, at := x.film, 0
	ix := f.src.Index()
	last := ix.Time(shots[len(shots)-1].packet)
	o := decode.PlayOptions{
		From: ix.Time(shots[0].packet), To: timecode.Instant{Ticks: last.Ticks + 1, Base: last.Base}, Plain: m.p.plain, Threads: m.o.Threads,
	}
	o.Width, o.Height = m.p.fit(f)
	miss := func(before timecode.Instant) {
		for ; at < len(shots) && ix.Time(shots[at].packet).Compare(before) < 0; at++ {
			m.missed(x, shots[at])
		}
	}
	err := f.src.Play(m.ctx, o, func(pic decode.Picture) error {
		miss(pic.At)
		if !alike(pic.Colours, m.p.colours) {
			return errMixed
		}
		planes := m.paint.placed(pic)
		if c := x.part.Cut.Caption; c != "" {
			if err := m.paint.note(planes, c); err != nil {
				return err
			}
		}
		for ; at < len(shots) && ix.Time(shots[at].packet).Compare(pic.At) == 0; at++ {
			if err := give(shots[at], planes); err != nil {
				return err
			}
		}
		return nil
	})
	miss(o.To)
	return err
}

// copy has a stretch copied, as soon as all before is written.
func (m *maker) copy(x *piece, s stretch) error {
	b := batch{film: x.film, packets: s, times: make(map[int]int64, s.to-s.from)}
	for _, shot := range x.shots[s.from:s.to] {
		m.note(x, shot, true)
		b.times[shot.packet] = m.shown[len(m.shown)-1]
	}
	m.due = append(m.due, b)
	return m.settle()
}

// coded writes a picture that the encoder gives.
func (m *maker) coded(c encode.Coded) error {
	units, err := h264.Units(c.Units, 0)
	if err != nil {
		return err
	}
	at := m.times[c.Number]
	delete(m.times, c.Number)
	if err := m.settle(); err != nil {
		return err
	}
	m.due[0].pictures--
	return m.write(movie.Sample{Data: h264.Pack(units), At: at, Key: c.Key})
}

// settle writes what is due and waits for no encoder: stretches that are copied.
func (m *maker) settle() error {
	for len(m.due) > 0 && m.due[0].pictures == 0 {
		b := m.due[0]
		if b.film == nil && len(m.due) == 1 {
			return nil // more may come
		}
		m.due = m.due[1:]
		if b.film == nil {
			continue
		}
		var own error // not of reading
		err := b.film.src.Packets(m.ctx, b.packets.fromPacket, b.packets.toPacket, func(i int, data []byte) error {
			own = m.copied(b, i, data)
			return own
		})
		switch {
		case err == nil:
		case own != nil || m.ctx.Err() != nil:
			return err
		default:
			return fmt.Errorf("%w: %w", errUnsafe, err)
		}
	}
	return nil
}

// copied writes a picture as the film has it.
func (m *maker) copied(b batch, packet int, data []byte) error {
	sets := b.film.sets
	units, err := h264.Units(data, sets.Prefix)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnsafe, err)
	}
	same, slice := sets.Prefix == 4, false
	for _, u := range units {
		known := sets.Sequences
		switch h264.Kind(u) {
		case h264.Slice, h264.Key:
			slice = true
		case h264.Picture:
			known = sets.Pictures
			fallthrough
		case h264.Sequence:
			if !slices.ContainsFunc(known, func(k []byte) bool { return bytes.Equal(k, u) }) {
				return fmt.Errorf("%w: they change on the way", errUnsafe)
			}
			same = false
		case h264.Delimiter:
			same = false
		}
	}
	if !slice {
		return fmt.Errorf("%w: they are damaged", errUnsafe)
	}
	if !same {
		data = h264.Pack(units)
	}
	return m.write(movie.Sample{Data: data, At: b.times[packet], Key: b.film.src.Index().Packets[packet].Key})
}

// write writes a picture, and sound as far.
func (m *maker) write(s movie.Sample) error {
	if err := m.listen(s.At); err != nil {
		return err
	}
	if at := m.p.seconds(s.At); at-m.said >= 0.5 {
		m.said = at
		m.o.Progress(at, m.p.seconds(m.p.end))
	}
	return m.movie.Add(0, s)
}

// listen writes sound up to a time.
func (m *maker) listen(until int64) error {
	for {
		if m.next == nil {
			select {
			case h, ok := <-m.all:
				if !ok {
					return m.ctx.Err()
				}
				m.next = &h
			case <-m.ctx.Done():
				return m.ctx.Err()
			}
		}
		if m.next.at >= m.p.frame(until) {
			return nil
		}
		if err := m.movie.Add(1, movie.Sample{Data: m.next.data, At: m.next.at, Key: false}); err != nil {
			return err
		}
		m.next = nil
	}
}
