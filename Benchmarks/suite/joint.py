"""Three tasks with a mask each, one sentence at a time: Weft's package of the masked network against three dense passes of
Weft's own (a package of three networks without sharing) and three masked models in ONNX Runtime."""

import argparse
import dataclasses
import json
import os
import tempfile
import time

import corpus_sentences
import peer_taggers
import suite_taggers
import taggers
from inference import DIFFERENT_SENTENCES
from statistics_of import summary
from weft_tagger import Sentences, WeftTagger


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", default="14,40")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    peer_taggers.torch.set_num_threads(1)
    masked, sentences, epochs = suite_taggers.TAGGERS["three-masks"]
    single = dataclasses.replace(masked, name="three-single", masks="", kind="single")
    _, run = taggers.trained(masked, sentences, epochs)
    checkpoint = os.path.join(run, "model.safetensors")
    encoder = corpus_sentences.Encoder(checkpoint)
    counts = [len(encoder.labels[task]) for task in masked.tasks]
    own = {}
    for precision in ("fp32", "bf16", "int8"):
        folder = taggers.packaged(masked, precision, sentences, epochs)
        own[f"Weft {precision}, three masks"] = WeftTagger(folder, counts)
    own["Weft fp32, three dense"] = WeftTagger(taggers.packaged(single, "fp32", sentences, epochs), counts)
    dev = corpus_sentences.read("dev")[0]
    sessions = []
    with tempfile.TemporaryDirectory() as folder:
        for task in masked.tasks:
            network = peer_taggers.Network(checkpoint, [task], mask_of=task)
            path = os.path.join(folder, f"{task}.onnx")
            peer_taggers.export(network, path, encoder.batch([dev[0]]))
            peer_taggers.quantize(path, path + "-int8")
            sessions.append((peer_taggers.OnnxRuntime(path, 1), peer_taggers.OnnxRuntime(path + "-int8", 1)))
    # Each task's scores are those of its masked network.
    chosen = [s for s in dev if len(s) <= 40][:50]
    differences = []
    for task, (peer, _) in enumerate(sessions):
        scores, _ = own["Weft fp32, three masks"].tag(chosen, task)
        at = 0
        for sentence in chosen:
            reference = peer.scores(peer.prepare(encoder.batch([sentence])))[0][:, 0]
            differences.append(float(abs(scores[at : at + len(sentence)] - reference).max()))
            at += len(sentence)
    if max(differences) > 1e-3:
        raise SystemExit(f"joint.py: scores differ by {max(differences)}")
    result = {"score difference": max(differences), "latency": {}}
    for length in map(int, arguments.lengths.split(",")):
        text = corpus_sentences.of_length(dev, length, DIFFERENT_SENTENCES)
        prepared = Sentences(text)
        inputs = [sessions[0][0].prepare(encoder.batch([s])) for s in text]
        times = {}
        for _ in range(arguments.rounds):
            for name, tagger in own.items():
                calls = max(20, int(arguments.seconds / tagger.time_sentences(prepared, 5).min()))
                times.setdefault(name, []).extend(1e6 * tagger.time_sentences(prepared, calls))
            for kind, name in enumerate(("ONNX Runtime fp32, three models", "ONNX Runtime int8, three models")):
                end, call = time.perf_counter() + arguments.seconds, 0
                while call < 20 or time.perf_counter() < end:
                    begin = time.perf_counter()
                    for peer in sessions:
                        peer[kind](inputs[call % len(inputs)])
                    times.setdefault(name, []).append(1e6 * (time.perf_counter() - begin))
                    call += 1
        result["latency"][str(length)] = {name: summary(values) for name, values in times.items()}
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
