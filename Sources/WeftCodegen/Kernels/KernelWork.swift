/// Floats of scratch memory that kernels with a `work` parameter need.
public enum KernelWork {
  /// For `crf_loss`, `crf_gradient`, `crf_marginals` and `crf_viterbi` over sentences of at most `tokens` tokens.
  ///
  /// In doubles: transitions, their transpose and expectations of pairs [L × P each], emissions and forward
  /// probabilities [tokens × P each] and three vectors, P being L rounded up to 8. Viterbi needs less.
  public static func crf(labels: Int, tokens: Int) -> Int {
    let padded = (labels + 7) / 8 * 8
    return 2 * padded * (3 * labels + 2 * tokens + 3)
  }

  /// For `nbest` with at most `paths` paths: the lattice, or in its place the search, whose back pointers dominate.
  public static func nbest(labels: Int, tokens: Int, paths: Int) -> Int {
    let all = labels * paths
    return max(
      crf(labels: labels, tokens: tokens), labels * labels + 2 * all + labels + 2 * paths + tokens * all)
  }
}
