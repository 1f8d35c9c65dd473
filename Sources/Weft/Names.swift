import WeftCorpus
import WeftRuntime
import WeftSpec
import WeftTrain

// What the functions of `Tagger` and `Trainer` take and give, so that `import Weft` is enough to name it.

public typealias Spec = WeftSpec.Spec
public typealias SpecError = WeftSpec.SpecError
public typealias Diagnostic = WeftSpec.Diagnostic
public typealias TagScheme = WeftSpec.TagScheme

public typealias Sentence = WeftCorpus.Sentence
public typealias CorpusError = WeftCorpus.CorpusError
public typealias TagSpan = WeftCorpus.TagSpan
public typealias Score = WeftCorpus.Score

public typealias RuntimeError = WeftRuntime.RuntimeError

public typealias TrainError = WeftTrain.TrainError
public typealias TrainedModel = WeftTrain.TrainedModel
public typealias TaggedSentence = WeftTrain.TaggedSentence
public typealias TaggingOptions = WeftTrain.TaggingOptions
public typealias TaskTags = WeftTrain.TaskTags
public typealias TagSequence = WeftTrain.TagSequence
public typealias Experiment = WeftTrain.Experiment
public typealias RunStart = WeftTrain.RunStart
public typealias RunFolder = WeftTrain.RunFolder
public typealias TrainingRun = WeftTrain.TrainingRun
public typealias TrainingEvent = WeftTrain.TrainingEvent
public typealias TrainingReport = WeftTrain.TrainingReport
public typealias Evaluation = WeftTrain.Evaluation
