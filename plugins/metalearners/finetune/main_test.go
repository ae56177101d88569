package main

import (
	"testing"

	"quickstudy/framework/meta/metatest"
)

func TestConformance(t *testing.T) {
	metatest.Run[config](t, finetune, nil, metatest.Claims{Gradient: "grad", Loss: "loss"})
}
