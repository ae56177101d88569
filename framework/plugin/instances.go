package plugin

import (
	"fmt"
	"sync"

	"quickstudy/framework/schema"
)

// instances are the configurations of one plugin process. The same head may
// serve two blocks of an experiment; each has its own instance.
type instances[T any] struct {
	newConfig func() any                  // pointer to a copy of the defaults
	open      func(config any) (T, error) // what a configuration stands for
	close     func(T) error               // nil: nothing to close

	mu   sync.Mutex
	list []*instance[T]
}

// instance is opened at its first use: checking a configuration must not read
// the data that it names.
type instance[T any] struct {
	config any
	once   sync.Once
	value  T
	opened bool
	err    error
}

// schema describes the configuration.
func (in *instances[T]) schema(kind, name, doc string) (*schema.Schema, error) {
	s, err := schema.Of(in.newConfig())
	if err != nil {
		return nil, err
	}
	named := *s
	named.Kind, named.Name, named.Doc = kind, name, doc
	return &named, nil
}

// configure decodes a block. The id is 0 when there are problems.
func (in *instances[T]) configure(s *schema.Schema, encoded []byte) (id uint64,
	problems []schema.Problem, err error) {
	value, err := s.Unmarshal(encoded)
	if err != nil {
		return 0, nil, err
	}
	config := in.newConfig()
	if problems = schema.Decode(value, config); schema.HasErrors(problems) {
		return 0, problems, nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.list = append(in.list, &instance[T]{config: config})
	return uint64(len(in.list)), problems, nil
}

// get returns the opened instance.
func (in *instances[T]) get(id uint64) (T, error) {
	in.mu.Lock()
	if id == 0 || id > uint64(len(in.list)) {
		in.mu.Unlock()
		var none T
		return none, fmt.Errorf("instance %d is not configured; %d are", id, len(in.list))
	}
	i := in.list[id-1]
	in.mu.Unlock()
	i.once.Do(func() {
		i.err = fmt.Errorf("opening it panicked before")
		i.value, i.err = in.open(i.config)
		i.opened = i.err == nil
	})
	return i.value, i.err
}

// closeAll closes what was opened.
func (in *instances[T]) closeAll() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	var first error
	for _, i := range in.list {
		if !i.opened || in.close == nil {
			continue
		}
		if err := in.close(i.value); err != nil && first == nil {
			first = err
		}
	}
	return first
}
