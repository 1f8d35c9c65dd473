/// Every operation, so that tests can ask whether each has its emission, its kernels and its checks.
public enum OperationCatalog {
  public static let all: [any Operation.Type] = [
    Embed.self, EmbedGradient.self, WordDropout.self, CharConv.self, CharConvGradient.self, Gather.self,
    GatherGradient.self, Concat.self, Slice.self, Copy.self, Noise.self, Dropout.self, DropoutGradient.self,
    Lstm.self, LstmGradient.self, Linear.self, LinearGradient.self, Activate.self, ActivateGradient.self,
    CrossEntropy.self, CrossEntropyGradient.self, Crf.self, CrfGradient.self, Softmax.self, Argmax.self,
    CrfMarginals.self, Viterbi.self, Mix.self, MixGradient.self, Orthogonality.self, FoldedLstm.self,
    FoldedCharConv.self,
  ]
}
