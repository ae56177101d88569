// Gomlx is a peer of the runner in GoMLX, on its backend in Go: the steps of second-order
// MAML and of multi-task learning of experiments/bench, from what runner bench -dump wrote.
//
//	GOEXPERIMENT=simd go build -o gomlx . && ./gomlx -steps 5 w1-maml w1-maml.safetensors
//
// It prints a line of JSON, like the peers in ../peers. GoMLX has no gradient of its Rsqrt
// and no second one of its Slice, so neither is used. Operations run one after another, each
// on all processors: with "-backend go", which runs several at a time, no step ended.
package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"math"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// workload is what the numbers of a dump do not tell.
type workload struct {
	heads, innerSteps int
	innerRate         float64
	weights           map[string]float64 // of the tasks
}

var workloads = map[string]workload{
	"w1-maml": {heads: 4, innerSteps: 5, innerRate: 0.01, weights: map[string]float64{"noise": 0.25}},
	"w2-mtl":  {heads: 4, weights: map[string]float64{"two": 0.5, "five": 0.3, "twenty": 0.2}},
}

// stored is a tensor of a safetensors file.
type stored struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// load returns the tensors of a file by name.
func load(path string) (map[string]*tensors.Tensor, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(content)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(content[8:8+n], &header); err != nil {
		return nil, err
	}
	all := map[string]*tensors.Tensor{}
	for name, raw := range header {
		var s stored
		if err := json.Unmarshal(raw, &s); err != nil || name == "__metadata__" {
			continue
		}
		data := content[8+n:][s.Offsets[0]:s.Offsets[1]]
		words := make([]uint32, len(data)/4)
		for i := range words {
			words[i] = binary.LittleEndian.Uint32(data[4*i:])
		}
		if s.DType == "I32" {
			numbers := make([]int32, len(words))
			for i, w := range words {
				numbers[i] = int32(w)
			}
			all[name] = tensors.FromFlatDataAndDimensions(numbers, s.Shape...)
			continue
		}
		numbers := make([]float32, len(words))
		for i, w := range words {
			numbers[i] = math.Float32frombits(w)
		}
		all[name] = tensors.FromFlatDataAndDimensions(numbers, s.Shape...)
	}
	return all, nil
}

// params are leaves by address.
type params map[string]*Node

func linear(p params, address string, x *Node) *Node {
	flat := Reshape(x, -1, x.Shape().Dimensions[x.Rank()-1])
	y := Add(MatMul(flat, p[address+"/w"]), InsertAxes(p[address+"/b"], 0))
	out := slices.Clone(x.Shape().Dimensions)
	out[len(out)-1] = y.Shape().Dimensions[1]
	return Reshape(y, out...)
}

func norm(p params, address string, x *Node) *Node {
	x = Sub(x, ReduceAndKeep(x, ReduceMean, -1))
	x = Div(x, Sqrt(AddScalar(ReduceAndKeep(Mul(x, x), ReduceMean, -1), 1e-5)))
	axes := make([]int, x.Rank()-1)
	scale := InsertAxes(p[address+"/scale"], axes...)
	return Add(Mul(x, scale), InsertAxes(p[address+"/bias"], axes...))
}

func gelu(x *Node) *Node {
	return Mul(MulScalar(x, 0.5), AddScalar(Erf(MulScalar(x, math.Sqrt(0.5))), 1))
}

func attention(p params, layer string, x *Node, heads int) *Node {
	b, t, d := x.Shape().Dimensions[0], x.Shape().Dimensions[1], x.Shape().Dimensions[2]
	project := func(name string) *Node {
		return Reshape(linear(p, layer+"/attention/"+name, x), b, t, heads, d/heads)
	}
	scores := Einsum("bqhe,bkhe->bhqk", project("q"), project("k"))
	weights := Softmax(MulScalar(scores, 1/math.Sqrt(float64(d/heads))), -1)
	y := Reshape(Einsum("bhqk,bkhe->bqhe", weights, project("v")), b, t, d)
	return linear(p, layer+"/attention/out", y)
}

// batch is a side of a draw.
type batch struct {
	objective             string
	tokens, class, weight *Node // weight: of each example, the sum is 1
}

// loss is the sum of the weighted cross-entropies.
func (w workload) loss(p params, x batch) *Node {
	h := Gather(p["backbone/embed/tokens"], InsertAxes(x.tokens, -1)) // [B, T, D]
	h = Add(h, InsertAxes(p["backbone/embed/positions"], 0))
	for i := 0; p[fmt.Sprintf("backbone/layers/%d/norm1/scale", i)] != nil; i++ {
		layer := fmt.Sprintf("backbone/layers/%d", i)
		h = Add(h, attention(p, layer, norm(p, layer+"/norm1", h), w.heads))
		y := gelu(linear(p, layer+"/mlp/in", norm(p, layer+"/norm2", h)))
		h = Add(h, linear(p, layer+"/mlp/out", y))
	}
	scores := linear(p, "heads/"+x.objective, ReduceMean(norm(p, "backbone/norm", h), 1))
	right := OneHot(x.class, scores.Shape().Dimensions[1], scores.DType())
	return Neg(ReduceAllSum(Mul(ReduceSum(Mul(LogSoftmax(scores, -1), right), -1), x.weight)))
}

func gradient(loss *Node, p params) params {
	addresses := slices.Sorted(maps.Keys(p))
	leaves := make([]*Node, len(addresses))
	for i, a := range addresses {
		leaves[i] = p[a]
	}
	g := params{}
	for i, d := range Gradient(loss, leaves...) {
		g[addresses[i]] = d
	}
	return g
}

// adapted is the query's loss after the inner steps on the support.
func (w workload) adapted(p params, support, query batch) *Node {
	for range w.innerSteps {
		g := gradient(w.loss(p, support), p)
		next := params{}
		for a := range p {
			next[a] = Sub(p[a], MulScalar(g[a], w.innerRate))
		}
		p = next
	}
	return w.loss(p, query)
}

// adam returns the new parameters and slots.
func adam(p, g, m, v, t *Node) (*Node, *Node, *Node) {
	m = Add(MulScalar(m, 0.9), MulScalar(g, 0.1))
	v = Add(MulScalar(v, 0.999), MulScalar(Mul(g, g), 0.001))
	left := func(beta float64) *Node { return OneMinus(Exp(MulScalar(t, math.Log(beta)))) }
	move := Div(Div(m, left(0.9)), AddScalar(Sqrt(Div(v, left(0.999))), 1e-8))
	return Sub(p, MulScalar(move, 1e-3)), m, v
}

func main() {
	warmUp := flag.Int("warmup", 1, "steps before those that are timed")
	steps := flag.Int("steps", 5, "steps that are timed")
	backend := flag.String("backend", "go:ops_sequential", "GoMLX's configuration of the backend")
	flag.Parse()
	w, ok := workloads[flag.Arg(0)]
	if !ok || flag.NArg() != 2 {
		log.Fatalf("usage: gomlx [FLAGS] w1-maml|w2-mtl DUMP")
	}
	all, err := load(flag.Arg(1))
	if err != nil {
		log.Fatal(err)
	}
	run(w, all, *warmUp, *steps, *backend)
}

func run(w workload, all map[string]*tensors.Tensor, warmUp, steps int, backend string) {
	b, err := compute.NewWithConfig(backend)
	if err != nil {
		log.Fatal(err)
	}
	var addresses []string
	var state []*tensors.Tensor
	data := map[string][]string{} // of each step
	for name := range all {
		if address, ok := strings.CutPrefix(name, "parameters/"); ok {
			addresses = append(addresses, address)
		} else {
			step := strings.SplitN(name, "/", 3)[1]
			data[step] = append(data[step], name)
		}
	}
	sort.Strings(addresses)
	for _, slot := range []string{"p", "m", "v"} {
		for _, a := range addresses {
			x := all["parameters/"+a]
			if slot != "p" {
				x = tensors.FromShape(x.Shape())
			}
			state = append(state, x)
		}
	}
	for _, names := range data {
		sort.Strings(names)
	}
	n := len(addresses)
	step := MustNewExec(b, func(in []*Node) []*Node {
		p, sides := params{}, map[string]*Node{}
		for i, a := range addresses {
			p[a] = in[i]
		}
		t := in[3*n]
		for i, name := range data["0"] {
			sides[strings.SplitN(name, "/", 3)[2]] = in[3*n+1+i]
		}
		total := w.total(p, sides)
		g := gradient(total, p)
		out := make([]*Node, 3*n+1)
		for i, a := range addresses {
			out[i], out[n+i], out[2*n+i] = adam(p[a], g[a], in[n+i], in[2*n+i], t)
		}
		out[3*n] = total
		return out
	})
	var times, losses []float64
	for i := range warmUp + steps {
		args := make([]any, 0, 4*n)
		for _, x := range state {
			args = append(args, x)
		}
		args = append(args, float32(i+1))
		for _, name := range data[fmt.Sprint(i%len(data))] {
			args = append(args, all[name])
		}
		start := time.Now()
		out := step.MustExec(args...)
		loss := tensors.ToScalar[float32](out[3*n])
		times = append(times, time.Since(start).Seconds())
		losses = append(losses, float64(loss))
		state = out[:3*n]
	}
	report(times, losses, warmUp)
}

// total is the loss of a step. Names of sides are <task>/<draw>/<side>/<array>.
func (w workload) total(p params, sides map[string]*Node) *Node {
	side := func(prefix string) batch {
		x := batch{tokens: sides[prefix+"/input/tokens"]}
		for name := range sides {
			if rest, ok := strings.CutPrefix(name, prefix+"/"); ok {
				if objective, ok := strings.CutSuffix(rest, "/class"); ok {
					x.objective = objective
				}
			}
		}
		x.class = sides[prefix+"/"+x.objective+"/class"]
		x.weight = Mul(sides[prefix+"/"+x.objective+"/weight"],
			sides[prefix+"/"+x.objective+"/inverse_weight"])
		return x
	}
	var total *Node
	for _, name := range slices.Sorted(maps.Keys(sides)) {
		draw, ok := strings.CutSuffix(name, "/query/input/tokens")
		if !ok {
			continue
		}
		task := strings.SplitN(draw, "/", 2)[0]
		var support batch
		if w.innerSteps > 0 {
			support = side(draw + "/support")
		}
		loss := MulScalar(w.adapted(p, support, side(draw+"/query")), w.weights[task])
		if total == nil {
			total = loss
		} else {
			total = Add(total, loss)
		}
	}
	return total
}

func report(times, losses []float64, warmUp int) {
	timed := slices.Sorted(slices.Values(times[warmUp:]))
	status, _ := os.ReadFile("/proc/self/status")
	peak := 0
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
		fmt.Sscan(rest, &peak)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"peer": "gomlx", "median_step_s": timed[len(timed)/2], "min_step_s": timed[0],
		"max_step_s": timed[len(timed)-1], "first_step_s": times[0], "losses": losses,
		"peak_rss_mb": float64(peak) * 1024 / 1e6, "import_rss_mb": 0,
	})
}
