/// A mask as kernels read it: one bit a weight, the lowest of 16 first, and each row from a new word on.
enum MaskWords {
  static func buffer(_ mask: [UInt8], columns: Int) -> GuardedBuffer<UInt16> {
    let perRow = (columns + 15) / 16
    var words = [UInt16](repeating: 0, count: mask.count / columns * perRow)
    for (at, byte) in mask.enumerated() where byte != 0 {
      let (row, column) = (at / columns, at % columns)
      words[row * perRow + column / 16] |= 1 << UInt16(column % 16)
    }
    return GuardedBuffer(words)
  }
}
