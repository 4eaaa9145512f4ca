"""The contract page docs/interface.md, made of the code and an example story."""
