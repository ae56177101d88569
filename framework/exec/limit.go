package exec

func (c *compiler) checkMemory(p *Program) error { return nil }
