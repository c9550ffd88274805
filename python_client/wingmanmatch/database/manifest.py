"""SHA256SUMS: the hashes of the released files in ``migrations/versions``, which must never change."""

import hashlib

from wingmanmatch.database import paths

MANIFEST = paths.VERSIONS / "SHA256SUMS"
"""In the format of the command ``sha256sum``."""


def changed_files() -> list[str]:
    """The released files that are missing or have changed."""
    today = _hashes()
    return [name for name, sha256 in _released().items() if today.get(name) != sha256]


def is_released(name: str) -> bool:
    """Whether a file of ``migrations/versions`` is in the manifest."""
    return name in _released()


def release() -> list[str]:
    """Add the files not yet in the manifest, and return their names.

    Raises:
        ValueError: a released file has changed.
    """
    if changed := changed_files():
        raise ValueError(f"Released files have changed: {', '.join(changed)}")
    released, today = _released(), _hashes()
    lines = [f"{sha256}  {name}\n" for name, sha256 in today.items()]
    MANIFEST.write_text("".join(lines), encoding="utf-8")
    return [name for name in today if name not in released]


def _released() -> dict[str, str]:
    if not MANIFEST.exists():
        return {}
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    return {name: sha256 for sha256, name in (line.split("  ") for line in lines)}


def _hashes() -> dict[str, str]:
    files = sorted(path for pattern in ("*.py", "*.sql") for path in paths.VERSIONS.glob(pattern))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
