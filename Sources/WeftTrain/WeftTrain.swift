// The WeftTrain station of the pipeline.
