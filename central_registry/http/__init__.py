"""The registry's handlers, by noun, and what they share: context, bodies, refusals."""
