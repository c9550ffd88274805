"""What the operators' page takes from npm is what VENDORED.md says, with its licences."""

import hashlib
import json
import re

from wingmanmatch.admin.app import PAGE
from wingmanmatch.database import paths

VENDOR = PAGE / "vendor"
TOLD = (VENDOR / "VENDORED.md").read_text(encoding="utf-8")
VENDORING = paths.ROOT / "python_client" / "vendoring"


def test_each_file_is_the_one_that_is_told():
    told = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", TOLD, re.MULTILINE))
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "VENDORED.md"
    }
    assert there == told


def test_versions_sources_and_licences_are_those_of_the_lock():
    wanted = json.loads((VENDORING / "package.json").read_text())["dependencies"]
    lock = json.loads((VENDORING / "package-lock.json").read_text())["packages"]
    told = re.findall(r"^## (\S+) (\S+)$", TOLD, re.MULTILINE)
    assert dict(told) == wanted
    for name, version in told:
        assert lock[f"node_modules/{name}"]["version"] == version
        about = TOLD.partition(f"## {name} {version}\n")[2].partition("\n## ")[0]
        assert f"- Source: <https://registry.npmjs.org/{name}/-/{name}-{version}.tgz>" in about
        assert f"- Integrity: `{lock[f'node_modules/{name}']['integrity']}`" in about
        licence = re.search(r"^- Licence: (?:MIT|ISC), in `([^`]+)`$", about, re.MULTILINE)
        assert licence
        assert "Permission" in (VENDOR / licence[1]).read_text()


def test_the_outlines_are_paths_within_the_world():
    outlines = json.loads((VENDOR / "world.json").read_text())
    assert outlines.keys() == {"land", "borders"}
    for path in outlines.values():
        assert re.fullmatch(r"[-\d. MLZ]+", path)
        points = [tuple(map(float, point.split())) for point in re.findall(r"-?[\d.]+ -?[\d.]+", path)]
        assert len(points) > 1000
        # whatever crosses 180 degrees goes on beyond it, and is there twice
        assert all(abs(x) < 540 and -90 <= y <= 90 for x, y in points)
