// Package wire converts between the values that hosts and plugins work with
// and the messages of quickstudy.plugin.v1 that cross between their processes.
//
// Encode functions take values of this process and fail only on what cannot be
// expressed, such as text that is not UTF-8. Decode functions take what another
// process sent and trust nothing: counts, lengths, indices, ranks and depths are
// checked against limits before anything is allocated for them, and what comes
// out has passed the Verify of its own package. A decoder never panics and never
// returns part of a value.
package wire
