import Foundation

/// log Σ exp(x_i), stable; −∞ if every term is −∞.
func logSumExp(_ values: [Double]) -> Double {
  let maximum = values.max() ?? -.infinity
  guard maximum.isFinite else { return maximum }
  return maximum + log(values.reduce(0) { $0 + exp($1 - maximum) })
}

/// exp(x_i) / Σ_j exp(x_j).
func softmax(_ values: [Double]) -> [Double] {
  let maximum = values.max() ?? 0
  let powers = values.map { exp($0 - maximum) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// 1 / (1 + e⁻ˣ).
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
