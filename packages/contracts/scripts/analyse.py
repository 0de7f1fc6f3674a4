"""What slither finds in a standard JSON input: one JSON array on stdout. Started by analyse.ts."""
import inspect
import json
import sys

from crytic_compile import CryticCompile
from crytic_compile.platform.solc_standard_json import SolcStandardJson
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector

source, compiler, folder = sys.argv[1:]
unit = CryticCompile(SolcStandardJson(source), solc=compiler, solc_working_dir=folder)
slither = Slither(unit, filter_paths=["node_modules"])
for _, detector in inspect.getmembers(all_detectors, inspect.isclass):
    if issubclass(detector, AbstractDetector) and detector is not AbstractDetector:
        slither.register_detector(detector)
found = [finding for part in slither.run_detectors() for finding in part]
kept = ("check", "impact", "confidence", "description")
print(json.dumps([{name: finding[name] for name in kept} for finding in found]))
