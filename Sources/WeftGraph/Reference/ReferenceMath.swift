import Foundation

/// log Σ exp(x_i), stable; −∞ if every term is −∞.
func logSumExp(_ values: [Double]) -> Double {
  let maximum = values.max() ?? -.infinity
  guard maximum.isFinite else { return maximum }
  return maximum + log(values.reduce(0) { $0 + exp($1 - maximum) })
}

/// 1 / (1 + e⁻ˣ).
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
