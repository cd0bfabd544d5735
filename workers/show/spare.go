package show

// readySpare starts a native process before it is needed: loading its libraries takes a
// quarter of a second of a processor, for which somebody would wait.
func (p *Projector) readySpare() {
	p.mu.Lock()
	wanted := p.spare == nil && !p.closed
	p.mu.Unlock()
	if !wanted {
		return
	}
	c, err := startChild(p.o.Command, eager)
	if err != nil {
		return // who needs one will be told
	}
	p.mu.Lock()
	if p.spare == nil && !p.closed {
		p.spare, c = c, nil
	}
	p.mu.Unlock()
	if c != nil {
		c.stop()
	}
}

// hire gives a native process: the spare one where it is still there.
func (p *Projector) hire(nice int) (*child, error) {
	if nice > eager {
		return startChild(p.o.Command, nice)
	}
	p.mu.Lock()
	c := p.spare
	p.spare = nil
	p.mu.Unlock()
	if c != nil {
		select {
		case <-c.Gone:
			c.stop()
		default:
			return c, nil
		}
	}
	return startChild(p.o.Command, eager)
}
