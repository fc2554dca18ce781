from __future__ import annotations

from fleet_tui.operations.savedplans import PLAN_FILE, forget_plans


def test_a_new_plan_takes_the_place_of_the_creators_older_ones_and_of_nobody_elses(tmp_path):
    kept = ["20261122T140355.123-plan-kasper-two-9f3a", "20261122T140355.123-apply-kasper-9f3a"]
    gone = ["20261122T140355.123-plan-kasper-9f3a", "20261121T140355.123-plan-kasper-0000"]
    for name in kept + gone:
        (tmp_path / name).mkdir()
        (tmp_path / name / PLAN_FILE).touch()
    forget_plans(tmp_path, "kasper")
    assert sorted(folder.parent.name for folder in tmp_path.glob(f"*/{PLAN_FILE}")) == sorted(kept)
