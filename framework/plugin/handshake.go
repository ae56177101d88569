package plugin

import (
	"time"

	goplugin "github.com/hashicorp/go-plugin"
)

// Protocol is the revision of quickstudy.plugin.v1 that this build speaks. It
// grows when a host and a plugin of different revisions cannot work together;
// what can be ignored by an older side is a capability instead.
const Protocol = 1

// handshake tells a plugin that it was started by a host and not by hand. The
// cookie is no secret.
var handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  Protocol,
	MagicCookieKey:   "QUICKSTUDY_PLUGIN",
	MagicCookieValue: "1d5a3c8e7b904f62a1e3",
}

// service is the name under which the plugin's services are registered with
// go-plugin; every plugin process serves this one set.
const service = "quickstudy"

// Limits of the transport, the same on both sides. Bulk crosses in messages of
// about chunkSize, where throughput is best (256 KiB to 1 MiB measured); a
// single record may be as large as maxMessage.
const (
	maxMessage = 64 << 20
	chunkSize  = 512 << 10
	// maxTransfer bounds what one call transfers in all: a traced program has some
	// megabytes, records of 512 photographs a hundred.
	maxTransfer = 256 << 20
)

// describeTimeout bounds what a plugin is asked before its own code has a say.
const describeTimeout = 5 * time.Second

// Kinds of plugins, as in the plugins block of an experiment.
const (
	KindTask        = "task"
	KindHead        = "head"
	KindMetaLearner = "metalearner"
)
