// The WeftRuntime station of the pipeline.
