"""One module a command; `cli.lazy` finds them."""
