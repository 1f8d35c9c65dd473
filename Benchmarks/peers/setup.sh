#!/bin/sh
# Makes Benchmarks/peers/.venv: the pinned CPU builds of PyTorch, ONNX Runtime and OpenVINO, and what they need to run.
#
# Dependencies are not followed: on Linux torch names GPU libraries of several gigabytes that a CPU run
# never loads. A configured wheel directory with the "+cpu" build wins over the registry's build, because
# pip ranks 2.13.0+cpu above 2.13.0. If the wheel that was found refuses to load without the GPU
# libraries, they are installed after all, so that the script ends in a working state or an error.
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-python3}"
if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv
fi
.venv/bin/python -m pip install --quiet --no-deps -r requirements.txt
if ! .venv/bin/python -c 'import torch' 2>/dev/null; then
  echo "setup.sh: this torch needs its GPU libraries to load; installing them" >&2
  .venv/bin/python -m pip install --quiet -r requirements.txt
fi
.venv/bin/python -c 'import torch, numpy, safetensors.torch, torchcrf, onnx, onnxruntime, openvino, matplotlib
print("torch", torch.__version__, "onnxruntime", onnxruntime.__version__, "openvino", openvino.__version__,
      "numpy", numpy.__version__, torch.backends.cpu.get_cpu_capability())'
