// The WeftCorpus station of the pipeline.
