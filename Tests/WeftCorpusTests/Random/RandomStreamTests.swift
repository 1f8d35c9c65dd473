import Testing
import WeftCorpus

/// Expected numbers are from an independent program with whole numbers of any size.
@Suite("Random streams")
struct RandomStreamTests {
  @Test func mixers() {
    #expect(splitmix64(0) == 0xE220_A839_7B1D_CDAF)
    #expect(splitmix64(1) == 0x910A_2DEC_8902_5CC1)
    #expect(fnv1a64("") == 0xCBF2_9CE4_8422_2325)
    #expect(fnv1a64("dropout.input") == 0xA614_D457_B7E3_D0EE)
    #expect(fnv1a64(Array("input".utf8), after: fnv1a64("dropout.")) == fnv1a64("dropout.input"))
    #expect(lowbias32(1) == 0x6889_90C0)
    #expect(lowbias32(0xDEAD_BEEF) == 0xE628_C683)
  }

  @Test func keysRowsAndColumns() {
    let stream = RandomStream(seed: 2019, site: "dropout.input", task: 2, step: 17)
    #expect(stream.key == 0xEDCC_840B_D038_3E81)
    let row = stream.row(sentence: 5, position: 9)
    #expect(row.key == 0x45BC_EE2C_57E3_82A8)
    #expect([0, 1, 2, 399].map(row.bits) == [0xA99F_E684, 0xBC63_6317, 0xD63D_37B0, 0x40A8_176F])
    #expect([0, 1, 2].map(row.uniform) == [0.6625961065292358, 0.7358915209770203, 0.8368715643882751])
    for (column, expected) in [-0.13050162063300022, -1.651441536897501, -1.178244771661044].enumerated() {
      #expect(abs(row.gaussian(UInt32(column)) - expected) < 1e-12)
    }
  }

  @Test func numbersAreSpreadAsTheyShould() {
    let stream = RandomStream(seed: 1, site: "test", task: 0, step: 0)
    var sum = 0.0
    var normal = 0.0
    var square = 0.0
    let rows = 200
    for s in 0..<rows {
      let row = stream.row(sentence: UInt64(s), position: 0)
      for c in 0..<100 {
        sum += Double(row.uniform(UInt32(c)))
        let g = row.gaussian(UInt32(c))
        normal += g
        square += g * g
      }
    }
    let count = Double(rows * 100)
    #expect(abs(sum / count - 0.5) < 0.01)
    #expect(abs(normal / count) < 0.03)
    #expect(abs(square / count - 1) < 0.05)
  }

  @Test func shufflingIsAPermutationAndFair() {
    let stream = RandomStream(seed: 7, site: "shuffle", task: 0, step: 0)
    var firsts = [0, 0, 0, 0]
    for s in 0..<2000 {
      var items = [0, 1, 2, 3]
      stream.row(sentence: UInt64(s), position: 0).shuffle(&items)
      #expect(items.sorted() == [0, 1, 2, 3])
      firsts[items[0]] += 1
    }
    #expect(firsts.allSatisfy { abs($0 - 500) < 80 })
    var none: [Int] = []
    stream.row(sentence: 0, position: 0).shuffle(&none)
    #expect(none.isEmpty)
  }
}
