"""The pytest plugin: fixtures, the marker that says how an instance begins, and what a failing test shows of it."""
