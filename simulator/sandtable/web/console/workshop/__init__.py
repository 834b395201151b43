"""The workshop: what the test plane offers, as pages for people, under the same guard and token."""
