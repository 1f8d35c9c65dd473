/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) after one increment.
public func splitmix64(_ value: UInt64) -> UInt64 {
  var x = value &+ 0x9E37_79B9_7F4A_7C15
  x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
  x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
  return x ^ (x >> 31)
}

/// 64-bit FNV-1a of a string's UTF-8 (Fowler, Noll and Vo).
public func fnv1a64(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}

/// 64-bit FNV-1a of bytes, going on from the hash of those before.
public func fnv1a64(_ bytes: [UInt8], after hash: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  var hash = hash
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}

/// Wellons's 32-bit mixer `lowbias32`.
public func lowbias32(_ value: UInt32) -> UInt32 {
  var x = value
  x ^= x >> 16
  x = x &* 0x7FEB_352D
  x ^= x >> 15
  x = x &* 0x846C_A68B
  x ^= x >> 16
  return x
}
