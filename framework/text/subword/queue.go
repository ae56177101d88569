package subword

// queue is a binary heap, as container/heap has it, of which the items are not interfaces.
type queue[T any] struct {
	items  []T
	before func(a, b *T) bool // a is taken before b
}

func (q *queue[T]) push(item T) {
	q.items = append(q.items, item)
	at := len(q.items) - 1
	for at > 0 {
		up := (at - 1) / 2
		if !q.before(&q.items[at], &q.items[up]) {
			return
		}
		q.items[at], q.items[up] = q.items[up], q.items[at]
		at = up
	}
}

// pop takes the first item of a queue that is not empty.
func (q *queue[T]) pop() T {
	first, last := q.items[0], len(q.items)-1
	q.items[0] = q.items[last]
	q.items = q.items[:last]
	for at := 0; ; {
		down := 2*at + 1
		if down >= last {
			return first
		}
		if right := down + 1; right < last && q.before(&q.items[right], &q.items[down]) {
			down = right
		}
		if !q.before(&q.items[down], &q.items[at]) {
			return first
		}
		q.items[at], q.items[down] = q.items[down], q.items[at]
		at = down
	}
}
