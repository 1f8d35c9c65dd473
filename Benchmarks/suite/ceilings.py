"""What one core of this machine can do at best (../kernels/ceilings.c), as JSON."""

import argparse
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "ceilings")
        source = os.path.join(HERE, "..", "kernels", "ceilings.c")
        subprocess.run([os.environ.get("CC", "clang"), "-std=gnu11", "-O2", source, "-o", program], check=True)
        result = json.loads(subprocess.run([program], capture_output=True, text=True, check=True).stdout)
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
