package main

import (
	"testing"

	"quickstudy/framework/meta/metatest"
)

func TestConformance(t *testing.T) {
	metatest.Run[config](t, reptile, nil, metatest.Claims{NeedsSupport: true})
}
