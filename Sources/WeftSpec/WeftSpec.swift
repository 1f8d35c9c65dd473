// The WeftSpec station of the pipeline.
