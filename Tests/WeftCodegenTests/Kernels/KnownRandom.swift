/// Values of the random streams, computed apart from this project's code.
enum KnownRandom {
  static let lowbiasOfOne: UInt32 = 0x6889_90C0
  /// Columns 0 to 3 of the row whose key is 0x0123456789ABCDEF.
  static let columns: [UInt32] = [0x1C62_A4A3, 0x477C_B3F3, 0x7DC5_F6B1, 0xDB5A_BAAC]
}
