"""What the machine is, and which of its cores to use."""

import os
import platform
import re
import shutil
import subprocess
from importlib import metadata

FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8", "asimd", "bf16")


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def description():
    values = dict(re.findall(r"^([^:\n]+):\s*(.*)$", output("lscpu"), re.MULTILINE))
    flags = values.get("Flags", "").split()
    compiler = output(os.environ.get("CC", "clang"), "--version").splitlines()
    packages = ("torch", "onnxruntime", "openvino", "numpy")
    return {
        "processor": values.get("Model name", platform.processor() or platform.machine()),
        "family, model": [values.get("CPU family"), values.get("Model")],
        "cores": os.cpu_count(),
        "caches": {k: values[k] for k in ("L1d cache", "L2 cache", "L3 cache") if k in values},
        "features": [f for f in FEATURES if f in flags],
        "system": platform.platform(),
        "compiler": compiler[0] if compiler else "",
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in packages},
        "load when it began": list(os.getloadavg()) if hasattr(os, "getloadavg") else [],
    }


def cores(threads):
    """Cores to be pinned to as taskset takes them: the last ones, since the first serves interrupts. None: no pinning."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return None
    available = sorted(os.sched_getaffinity(0))
    return ",".join(map(str, available[-threads:])) if len(available) >= threads else None
