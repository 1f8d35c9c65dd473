// The WeftGraph station of the pipeline.
