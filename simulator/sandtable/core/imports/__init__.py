"""Import sets: staging rows, the transform maps that carry them to their targets, and what came of each.

It hands out `ImportSets`, `transform` for one row, and `RowTransform`, which is what a transform's script sees.
"""
