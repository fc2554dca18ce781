from __future__ import annotations

from pathlib import Path

from fleet_tui.deploy.digest import digest_files


def test_a_digest_follows_names_and_contents_alone(tmp_path: Path) -> None:
    root = tmp_path / "lambdas"
    for name in ("shared/api.py", "poll_box/table.json", "requirements.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("one")
    before = digest_files(root, (".",))
    (root / "shared/__pycache__").mkdir()
    (root / "shared/__pycache__/api.py").write_text("new")
    (root / "shared/api.py").touch()
    assert digest_files(root, (".",)) == before
    moved = root.rename(tmp_path / "moved")
    assert digest_files(moved, (".",)) == before
    (moved / "shared/api.py").rename(moved / "shared/app.py")
    renamed = digest_files(moved, (".",))
    (moved / "poll_box/table.json").write_text("[]")
    assert len({before, renamed, digest_files(moved, (".",))}) == 3
