import WeftReport
import WeftTrain

extension TrainingRun {
  /// Shows a run on standard error until it ends.
  func show(isQuiet: Bool) async {
    var renderer = ProgressRenderer(style: StandardError.progressStyle)
    for await event in events where !isQuiet {
      StandardError.write(raw: renderer.render(event))
    }
    StandardError.write(raw: renderer.clear())
  }
}
