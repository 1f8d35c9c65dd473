// The WeftCodegen station of the pipeline.
