package experiment

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/schema"
)

// An Experiment is a whole experiment file, checked, with defaults filled in. Each Range is the
// header of the block that a value comes from.
type Experiment struct {
	Name        string   `config:"-"`
	Description string   `config:"description" doc:"what the experiment shows"`
	Seed        uint64   `config:"seed" doc:"seed of initial values, sampling and dropout"`
	Freeze      []string `config:"freeze" doc:"patterns of the leaves that are not trained"`

	Plugins    []Plugin    `config:"-"`
	Tokenizers []Tokenizer `config:"-"`
	Init       *Init       `config:"-"` // nil: initial values from the seed alone
	Backbone   Backbone    `config:"-"`
	Heads      []Head      `config:"-"`
	Tasks      []Task      `config:"-"`
	Sampling   Sampling    `config:"-"`
	Learner    Learner     `config:"-"`
	Train      Train       `config:"-"`
	Evaluate   Evaluate    `config:"-"`
	Range      hcl.Range   `config:"-"`
}

// A Tokenizer turns text into ids. One of bytes, of a file or of a run has a fixed vocabulary and
// neither Size, Lowercase nor MinCount. Kind is "" of a file, and may be of a run.
type Tokenizer struct {
	Name      string    `config:"-"`
	Kind      string    `config:"kind" doc:"what a token is; not of a file, and of a run to be sure of it" oneof:"words,characters,bytes,bpe,wordpiece"`
	Size      int       `config:"size" doc:"largest vocabulary" min:"1"`
	Lowercase bool      `config:"lowercase" doc:"fold text to lower case first"`
	MinCount  int       `config:"min_count" doc:"rarer tokens are unknown, rarer pairs not merged" min:"1"`
	From      string    `config:"from,path" doc:"a run's folder, whose tokenizer of the same name is taken in place of making one"`
	File      string    `config:"file,path" doc:"a tokenizer.json of Hugging Face's tokenizers, which is read in place of making one"`
	Range     hcl.Range `config:"-"`
}

// Init takes initial values from a checkpoint.
type Init struct {
	From  string    `config:"from,required,path" doc:"a run's folder or a .safetensors file; \"\": neither, as without the block"`
	Only  []string  `config:"only" doc:"patterns of the leaves to take"`
	Range hcl.Range `config:"-"`
}

// A Backbone is the Transformer that all heads share.
type Backbone struct {
	Name       string  `config:"-"` // the block's label: "transformer"
	Kind       string  `config:"kind" doc:"which stacks; an mlp has no attention, and its first hidden layer is the embedding" oneof:"encoder,decoder,encoder_decoder,mlp"`
	Layers     int     `config:"layers,required" doc:"number of layers, of each stack" min:"1"`
	Width      int     `config:"width,required" doc:"width of the residual stream" min:"1"`
	Heads      int     `config:"heads" doc:"attention heads; divides width; must be given unless kind is mlp" min:"0"`
	MLP        int     `config:"mlp" doc:"feed-forward width; 0 is 4 x width" min:"0"`
	Dropout    float64 `config:"dropout" doc:"share of values dropped" min:"0" max:"<1"`
	Activation string  `config:"activation" doc:"of feed-forward layers" oneof:"gelu,relu,swiglu"`
	Norm       string  `config:"norm" doc:"of the residual stream" oneof:"layernorm,rmsnorm"`
	NormOrder  string  `config:"norm_order" doc:"norms before or after parts" oneof:"pre,post"`
	Positions  string  `config:"positions" doc:"how the order of a sequence is told" oneof:"learned,sinusoidal,rotary,relative,alibi,none"`
	Pooling    string  `config:"pooling" doc:"one vector from a sequence" oneof:"mean,first,last"`

	Inputs   []Input   `config:"-"`
	Adapters []Adapter `config:"-"`
	Experts  *Experts  `config:"-"` // nil: what is pooled is not mixed
	Range    hcl.Range `config:"-"`
}

// Whose the parameters of an adapter or of gates are.
const (
	PerAll  = "all"
	PerTask = "task"
	perNone = "none"
)

// An Adapter adds parameters to the parts of the backbone that a pattern names. Rank and Scale are
// 0 where the kind has none.
type Adapter struct {
	Kind  string    `config:"-"` // the block's label: lora, bottleneck, norm or context
	On    string    `config:"on,required" doc:"pattern of addresses below backbone/"`
	Rank  int       `config:"rank" doc:"of a low-rank update; width of a bottleneck; numbers of context" min:"1"`
	Scale float64   `config:"scale" doc:"of a low-rank update; default: its rank" min:">0"`
	Per   string    `config:"per" doc:"whose the parameters are; none leaves the adapter out, so that a variable can choose" oneof:"all,task,none"`
	Range hcl.Range `config:"-"`
}

// Experts mix what is pooled, by gates.
type Experts struct {
	Count int       `config:"count,required" doc:"number of experts; 0: none" min:"0"`
	Per   string    `config:"per" doc:"whose the gates are" oneof:"all,task"`
	Range hcl.Range `config:"-"`
}

// Names of the backbone's inputs.
const (
	InputTokens  = "tokens"  // ids, embedded by a table
	InputNumeric = "numeric" // vectors, embedded by a linear map
	InputImage   = "image"   // images, patch by patch
)

// An Input is something that the backbone can read.
type Input struct {
	Name      string    `config:"-"`         // InputTokens, InputNumeric or InputImage
	Tokenizer string    `config:"tokenizer"` // of tokens; the name of a Tokenizer
	MaxLength int       `config:"max_length,required" doc:"longest sequence" min:"1"`
	Truncate  bool      `config:"truncate" doc:"cut longer sequences instead of refusing them"`
	Features  int       `config:"features" doc:"width of each vector" min:"1"` // of numeric
	Image     *Image    `config:"-"`                                           // of an image
	Range     hcl.Range `config:"-"`
}

// An Image is what images are, and how they are cut: a block input "image".
type Image struct {
	Height   int `config:"height,required" doc:"pixels" min:"1"`
	Width    int `config:"width,required" doc:"pixels" min:"1"`
	Channels int `config:"channels" doc:"numbers of a pixel" min:"1"`
	Patch    int `config:"patch,required" doc:"pixels of a patch's side, which divides height and width" min:"1"`
}

// Positions of an image: its patches, and one for the class token.
func (i Image) Positions() int { return 1 + i.Height/i.Patch*(i.Width/i.Patch) }

// A Head is an instance of a head plugin.
type Head struct {
	Plugin string // of kind KindHead
	Name   string // of the instance, as in heads/<name>/ among leaf addresses
	// Config is what the plugin is sent: a value of its schema's implied type.
	Config cty.Value
	Block  BlockID
	Range  hcl.Range
	schema *schema.Schema
}

// A Task is an instance of a task plugin, with what the core does to its data.
type Task struct {
	Plugin   string // of kind KindTask
	Name     string
	Config   cty.Value // what the plugin is sent
	Inputs   []InputSet
	Predicts []Predict
	Split    *Split // nil: the splits that the plugin's data comes with
	// At most one of these is set; none when the plugin generates episodes itself.
	Episodes    *Episodes
	MetaDataset *MetaDataset
	ZeroShot    *ZeroShot
	Batches     *Batches
	Rates       Rates
	Block       BlockID
	Range       hcl.Range
	schema      *schema.Schema
}

// Rates are a task's own, which multiply those of all.
type Rates struct {
	Loss  schema.Schedule `config:"loss" doc:"multiplies the task's loss, and so its gradient, before it is weighed against those of other tasks" min:"0"`
	Own   schema.Schedule `config:"own" doc:"multiplies what a step changes of the leaves that are the task's alone, its heads' and those below private/: their learning rate, whatever the optimizer" min:"0"`
	Range hcl.Range       `config:"-"`
}

// DefaultInputSet names the set of an inputs block without a label.
const DefaultInputSet = "input"

// An InputSet is one complete input of the backbone. A head that compares texts encodes several.
type InputSet struct {
	Name   string
	Fields []InputField // by ascending input
	Range  hcl.Range
}

// An InputField says which field of a task's records a backbone input reads, or which texts it
// reads as one. Range is the place of their names.
type InputField struct {
	Input  string
	Fields []string
	Range  hcl.Range
}

// A Predict trains one head on one field of a task. All of a task's share one pass of the backbone.
type Predict struct {
	Name   string    `config:"-"`
	Head   string    `config:"head,required" doc:"a reference such as head.main"`
	Target string    `config:"target,required" doc:"the field to predict"`
	Weight float64   `config:"weight" doc:"of this loss in the sum that trains" min:"0"`
	Range  hcl.Range `config:"-"`
	// TargetRange and WeightRange are the places of the target's name and of the weight.
	TargetRange, WeightRange hcl.Range `config:"-"`
}

// Ways to split a task's records.
const (
	SplitByClass  = "class"  // disjoint classes of Field
	SplitByRecord = "record" // records at random
	// SplitBySuperclass has disjoint superclasses, such as alphabets or domains, with their classes.
	SplitBySuperclass = "superclass"
	SplitBySource     = "source" // as the data comes
)

// A Split divides a task's records or classes into training, validation and test.
type Split struct {
	By         string    `config:"by,required" doc:"what is divided" oneof:"class,superclass,record,source"`
	Train      float64   `config:"train" doc:"fraction for training" min:"0" max:"1"`
	Validation float64   `config:"validation" doc:"fraction for validation" min:"0" max:"1"`
	Test       float64   `config:"test" doc:"fraction for the test" min:"0" max:"1"`
	TrainShare float64   `config:"train_share" doc:"part of the training classes or records that is trained on; the rest is left out" min:">0" max:"1"`
	Field      string    `config:"field" doc:"of the classes; default: the field predicted"`
	Seed       uint64    `config:"seed" doc:"decides who is where, whatever the experiment's seed"`
	Range      hcl.Range `config:"-"`
}

// Episodes are N-way K-shot: each has Way classes, or from MinWay to MaxWay of them.
type Episodes struct {
	Way         int       `config:"way" doc:"classes in an episode" min:"0"`
	MinWay      int       `config:"min_way" doc:"fewest classes, when their number varies" min:"0"`
	MaxWay      int       `config:"max_way" doc:"most classes, when their number varies" min:"0"`
	Shot        int       `config:"shot,required" doc:"support examples of a class" min:"1"`
	Query       int       `config:"query" doc:"query examples of a class" min:"1"`
	MinExamples int       `config:"min_examples" doc:"classes with fewer records are left out; without it they are an error" min:"0"`
	Range       hcl.Range `config:"-"`
}

// MetaDataset asks for episodes of variable way and shot, as sampling.MetaDataset draws them.
type MetaDataset struct {
	Way   int `config:"way" doc:"classes in an episode; 0: drawn" min:"0"`
	Shot  int `config:"shot" doc:"support examples of a class; 0: drawn for each" min:"0"`
	Query int `config:"query" doc:"query examples of a class; 0: as many as the smallest class allows" min:"0"`

	MinWay             int       `config:"min_way" doc:"fewest classes" min:"2"`
	MaxWay             int       `config:"max_way" doc:"most classes" min:"2"`
	MaxQuery           int       `config:"max_query" doc:"most query examples of a class" min:"1"`
	MaxSupport         int       `config:"max_support" doc:"most support examples of an episode" min:"1"`
	MaxSupportPerClass int       `config:"max_support_per_class" doc:"what one class adds at most to the size that is drawn for the support" min:"1"`
	MinLogWeight       float64   `config:"min_log_weight" doc:"least logarithm of the weight of a class among the shots" min:"-100" max:"100"`
	MaxLogWeight       float64   `config:"max_log_weight" doc:"largest logarithm of that weight" min:"-100" max:"100"`
	MinExamples        int       `config:"min_examples" doc:"classes with fewer records are left out; without it those too small for an episode are an error" min:"0"`
	IgnoreHierarchy    float64   `config:"ignore_hierarchy" doc:"share of the episodes whose classes are drawn whatever their superclass" min:"0" max:"1"`
	Range              hcl.Range `config:"-"`
}

// ZeroShot asks for episodes whose support is the texts of their classes.
type ZeroShot struct {
	Way         int               `config:"way,required" doc:"classes in an episode" min:"2"`
	Query       int               `config:"query" doc:"query examples of a class" min:"1"`
	Texts       map[string]string `config:"texts" doc:"a description of every class, by its name; without it the names are the texts, their underscores spaces"`
	MinExamples int               `config:"min_examples" doc:"classes with fewer records are left out; without it they are an error" min:"0"`
	Range       hcl.Range         `config:"-"`
}

// Batches are ordinary ones, without support.
type Batches struct {
	Size     int       `config:"size,required" doc:"records in a batch" min:"1"`
	ByLength bool      `config:"by_length" doc:"draw records together that are about as long, so that little of a batch is padding"`
	Range    hcl.Range `config:"-"`
}

// Rules by which tasks share the steps.
const (
	SampleEvery        = "every"        // every task in every step
	SampleUniform      = "uniform"      // tasks at random, all alike
	SampleProportional = "proportional" // by their training records
	SampleTemperature  = "temperature"  // by a power of these
	SampleWeighted     = "weighted"     // by Weights
)

// Sampling says how the tasks share the steps.
type Sampling struct {
	Rule        string             `config:"rule,required" doc:"which tasks a step is made of: every one, or draws at random" oneof:"every,uniform,proportional,temperature,weighted"`
	Temperature schema.Schedule    `config:"temperature" doc:"of rule temperature: in proportion to records^(1/temperature); linear(1, 5) goes from the proportions towards equal shares" min:">0"`
	Cap         int                `config:"cap" doc:"of the rules proportional and temperature: most records that count of a task; 0: all" min:"0"`
	Weights     map[string]float64 `config:"weights" doc:"of rule weighted, by task; a task of weight 0 is evaluated and not trained on"`
	Range       hcl.Range          `config:"-"`
}

// A Learner is the meta-learner plugin and the optimizer that it updates with.
type Learner struct {
	Plugin    string // of kind KindLearner
	Config    cty.Value
	Optimizer *Optimizer // nil: the plugin updates without one
	// Adaptation says how the core runs the plugin's inner loop; nil: as by default.
	Adaptation *Adaptation
	Block      BlockID
	Range      hcl.Range
	schema     *schema.Schema
}

// Adaptation is how an inner loop is run. None of it changes a bit of the result.
type Adaptation struct {
	Recompute bool      `config:"recompute" doc:"compute inner steps again, not keep them"`
	Range     hcl.Range `config:"-"`
}

// With returns the learner with some attributes of its configuration replaced, and the problems of
// the new ones; its own values stay where there are problems.
func (l Learner) With(attributes map[string]cty.Value) (Learner, []schema.Problem) {
	values := l.Config.AsValueMap()
	if values == nil {
		values = map[string]cty.Value{}
	}
	for name, v := range attributes {
		values[name] = v
	}
	config, problems := l.schema.Complete(cty.ObjectVal(values))
	if !schema.HasErrors(problems) {
		l.Config = config
	}
	return l, problems
}

// Train says how long to train and on how much at once.
type Train struct {
	Steps     int `config:"steps,required" doc:"updates; 0 evaluates what init loads" min:"0"`
	MetaBatch int `config:"meta_batch" doc:"episodes or batches in an update" min:"1"`
	// MicroBatch is 0 while it is to be chosen, written auto.
	MicroBatch      int       `config:"micro_batch" doc:"records at once; auto chooses" min:"0"`
	ClipNorm        float64   `config:"clip_norm" doc:"largest gradient norm; 0 is any" min:"0"`
	CheckpointEvery int       `config:"checkpoint_every" doc:"steps between checkpoints" min:"1"`
	Keep            int       `config:"keep" doc:"checkpoints kept" min:"1"`
	Range           hcl.Range `config:"-"`
}

// RowSingleTask asks for models that are each trained for one objective alone. What the other rows
// are is known where they are computed.
const RowSingleTask = "single_task"

// Evaluate says what to measure besides the training loss. Rows are the baselines to report.
// Without InnerSteps, scores are reported before adaptation and after as much as in training.
// Without Tasks, all are evaluated.
// Ranges of attributes that are not given are that of the block.
type Evaluate struct {
	Tasks              []string   `config:"tasks" doc:"what is evaluated, and chooses the state; other tasks are only trained on. Without it, all are"`
	Episodes           int        `config:"episodes" doc:"test episodes" min:"1"`
	Every              int        `config:"every" doc:"steps between validations; 0: none" min:"0"`
	InnerSteps         []int      `config:"inner_steps" doc:"adaptation steps to report" min:"0"`
	ValidationEpisodes int        `config:"validation_episodes" doc:"validation episodes" min:"1"`
	Rows               []string   `config:"rows" doc:"baselines to report" oneof:"centroid,nearest,majority,single_task,chance"`
	Beam               int        `config:"beam" doc:"beams of texts to write; 0: none" min:"0"`
	LengthPenalty      float64    `config:"length_penalty" doc:"of written texts" min:"0"`
	Untrained          *Untrained `config:"-"` // nil: no such row
	Range              hcl.Range  `config:"-"`

	EveryRange, InnerStepsRange, RowsRange hcl.Range `config:"-"`
}

// Includes reports whether a task is evaluated.
func (e Evaluate) Includes(task string) bool {
	return len(e.Tasks) == 0 || slices.Contains(e.Tasks, task)
}

// Untrained asks for the row in which adaptation starts from the initial parameters, with some of
// the meta-learner's attributes chosen on validation episodes.
type Untrained struct {
	Tune             []Grid // by ascending attribute
	Range, TuneRange hcl.Range
}

// A Grid lists the values to try for one attribute of the meta-learner, each of its schema's type.
type Grid struct {
	Attribute string
	Values    []cty.Value
}
