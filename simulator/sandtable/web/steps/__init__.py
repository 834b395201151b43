"""The steps of the pipeline, each a function of one transaction or of one answer."""
