// Package schema describes what a block of configuration may hold: its attributes with their types,
// defaults, ranges, units and documentation. A plugin derives its schema from a tagged struct; the
// schema crosses to the host as data, the host checks what the user wrote against it and sends back
// one value, and the plugin decodes that value into the same struct.
//
//	type config struct {
//		Rate  schema.Schedule `config:"inner_lr" doc:"rate of the inner step" min:">0"`
//		Steps int             `config:"inner_steps" doc:"inner steps" min:"1"`
//		Path  string          `config:"path,required,path" doc:"file of records"`
//	}
//
//	s, err := schema.Of(config{Rate: schema.Constant(0.1), Steps: 5})     // plugin, at start
//	value, problems := s.Complete(given)                                 // host: strict, defaults in
//	data, err := s.Marshal(value)                                         // host → plugin
//	value, err = s.Unmarshal(data)                                        // plugin
//	c := config{Rate: schema.Constant(0.1), Steps: 5}
//	problems = schema.Decode(value, &c)                                   // plugin
//
// # Tags
//
//	config:"name"            the attribute's name; config:"-" leaves a field out
//	config:"name,required"   must be given; otherwise the field's value in defaults is the default
//	config:"name,path"       a file or folder; the host makes a relative one absolute
//	doc, unit, example       text for people
//	min:"0" min:">0"         smallest number allowed, itself included or not; max likewise with "<"
//	oneof:"a,b"              the strings allowed
//
// A struct that is embedded without a tag lends its fields.
//
// Fields are booleans, integers, floats, strings, [Schedule], structs (nested objects), and slices
// and string-keyed maps of these. A range or choice on a slice or map is one on its elements.
//
// Nothing a schema or a value holds is trusted: [Schema.Verify] limits what a plugin may declare,
// and [Schema.Unmarshal] checks lengths before it allocates.
package schema
