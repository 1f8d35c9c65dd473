"""The networks of the suite by name: (tagger, sentences that it is trained on, epochs). Speed does not depend on how well a
network is trained, so that only those whose scores are looked at see all of the corpus."""

from taggers import Tagger

THREE = ("xpos", "ner", "deprel")
TAGGERS = {
    "exp1": (Tagger("exp1"), None, 3),
    "exp1-crf": (Tagger("exp1-crf", decoder="crf"), 1000, 1),
    "exp2": (Tagger("exp2", layers=2), 1000, 1),
    "three-tasks": (Tagger("three-tasks", tasks=THREE), 1000, 1),
    "three-masks": (Tagger("three-masks", tasks=THREE, masks="{random: 0.5}"), 1000, 1),
}
for hidden in (64, 100, 256, 333):
    TAGGERS[f"hidden-{hidden}"] = (Tagger(f"hidden-{hidden}", hidden=hidden), 1000, 1)
for layers in (3, 4):
    TAGGERS[f"layers-{layers}"] = (Tagger(f"layers-{layers}", layers=layers), 1000, 1)
