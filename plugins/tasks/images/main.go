// Plugin images is a task of images with a class each: folders by class, or zip files of such
// folders, among them Omniglot's (Lake et al. 2015, https://doi.org/10.1126/science.aab3050),
// whose alphabets are superclasses of its characters.
//
//	task "images" "characters" {
//	  paths        = ["data/omniglot/images_background.zip"]
//	  superclasses = true
//	  invert       = true # ink is 1
//	  inputs { image = "image" }
//	  predict "character" { head = head.character  target = "class" }
//	}
//
// An image, a PNG, JPEG or GIF, stands in the folder of its class, which with superclasses
// stands in the folder of its superclass; folders above do not matter. It is scaled to
// height x width by the mean of the area that falls into a pixel, with values from 0 to 1.
// With rotations, an image turned by 90, 180 and 270 degrees is of a class of its own
// (Santoro et al. 2016, https://arxiv.org/abs/1605.06065). A record has the fields "image" and
// "class". Files whose name begins with a dot, and those that macOS adds to zip files, are not
// read; any other that is no image is an error.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(images) }
