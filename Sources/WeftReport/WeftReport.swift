// The WeftReport station of the pipeline.
