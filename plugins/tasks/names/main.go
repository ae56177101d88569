// Plugin names is a task that needs no file: which language is this name of a
// language or region written in? The names are those that the Unicode CLDR
// gives, as compiled into golang.org/x/text/language/display.
//
//	task "names" "languages" {
//	  min_names = 100
//	  ...
//	}
//
// A record has the fields "text", the name, and "language", whose classes are
// BCP 47 codes with the script as superclass. A name that two languages share
// answers the question twice, and is left out.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(names) }
