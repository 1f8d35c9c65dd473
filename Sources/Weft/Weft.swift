// The Weft station of the pipeline.
