"""Each platform module alone, from nothing to nothing, on the embedded AWS: the table of docs/MODULES.md.

    python -m bench.modules --out bench/results/modules.json --table docs/MODULES.md

For every module a creator is made who has this module and nothing else: apply, a second plan that has to be
empty, destroy, and a look into the account that has to find nothing. Resources are counted in the state,
tests in the code, and charges follow by the price book from what stands in the state.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.module_page import MODULES, page
from fleet_tui.costs.charges import amount_of
from fleet_tui.costs.pricebook import price_book
from fleet_tui.deploy.packages import HOST, build
from fleet_tui.deploy.variables import artifact_variables, creator_variables
from fleet_tui.registry.model import Creator
from fleet_tui.sandbox.emulator.process import Emulator
from tests.terraform.inventory import Subject, everything_in
from tests.terraform.terraform_program import cli_configuration

ROOT = Path(__file__).parents[1]
ACCOUNT, REGION, SLUG = "210000000099", "eu-central-1", "bench"
SIDE_BY_SIDE = 3
"""Lives at once: most of each is spent in the provider's waits."""

_SAYS_WHAT_FOR = ("alarm_description", "description", "comment", "name", "reference_name")

SETTINGS: dict[str, dict[str, Any]] = {
    "membership": {"tiers": [{"id": "bee", "name": "Bee", "price": 500}]},
    "newsletter": {"imprint": "Bench, Honigweg 1, 10115 Berlin"},
}
"""What modules do not go without."""

NEEDS = {"membership": ("user-auth",)}
"""Module → modules that it is not there without."""

CHOICES: dict[str, Any] = {
    "modules": {"s3-website": {"waf": True}},
    "encryption": {"own_key": True},
    "failover": {"region": "eu-west-1"},
}
"""Everything that can be switched on and costs more."""


def main() -> None:
    """Measure, write the figures and the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--table", type=Path, required=True)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="fleet-modules-") as folder:
        figures = {"tests": tests(), "modules": measured(Path(folder))}
    chosen.out.write_text(json.dumps(figures, indent=2) + "\n")
    chosen.table.write_text(page(figures))


def measured(folder: Path) -> dict[str, Any]:
    """Figures of every module alone, and of all together."""
    artifacts = build(ROOT / "lambdas", folder / "artifacts", HOST)
    variables = artifact_variables(
        runtime=artifacts.runtime,
        architecture=artifacts.architecture,
        layer=artifacts.layer,
        packages=artifacts.packages,
    )
    configuration = folder / "cli.tfrc"
    configuration.write_text(cli_configuration(folder))

    def life(name: str, chosen: tuple[str, ...], choices: dict[str, Any]) -> dict[str, Any]:
        emulator = Emulator.start(folder / f"aws-{name}")
        try:
            figures = _life(folder / name, emulator, configuration, _creator(chosen, choices), variables)
        finally:
            emulator.stop()
        print(name, json.dumps(figures), file=sys.stderr)
        return figures

    lives: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
        **{module: ((*NEEDS.get(module, ()), module), {}) for module in MODULES},
        "all": (MODULES, {}),
        "dearest": (MODULES, CHOICES),
    }
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {name: pool.submit(life, name, *chosen) for name, chosen in lives.items()}
        return {name: future.result() for name, future in running.items()}


def _creator(modules: tuple[str, ...], choices: dict[str, Any]) -> Creator:
    tables = {name: SETTINGS.get(name, {}) | choices.get("modules", {}).get(name, {}) for name in modules}
    return Creator.model_validate(
        {
            "slug": SLUG,
            "name": "Bench",
            "domain": "bench.live",
            "account_id": ACCOUNT,
            "region": REGION,
            "contact": "ops@example.com",
            "monthly_budget": 100,
            **choices,
            "modules": tables,
        }
    )


def _life(
    folder: Path, emulator: Emulator, configuration: Path, creator: Creator, artifacts: Any
) -> dict[str, Any]:
    shutil.copytree(ROOT / "terraform", folder, ignore=shutil.ignore_patterns(".terraform*"))
    (folder / "creator/backend.tf").unlink()
    variables = {**creator_variables(creator), **artifacts, "configuration_digest": "0", "emulated": True}
    (folder / "creator/terraform.tfvars.json").write_text(json.dumps(variables))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))},
        "TF_CLI_CONFIG_FILE": str(configuration),
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }

    def run(*arguments: str) -> tuple[int, str, float]:
        begun = time.monotonic()
        done = subprocess.run(
            ["terraform", *arguments, "-input=false", "-no-color"],
            cwd=folder / "creator",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 1:
            sys.exit(f"{arguments[0]} with {', '.join(creator.modules.enabled)}:\n{done.stdout}{done.stderr}")
        return done.returncode, done.stdout, round(time.monotonic() - begun, 1)

    run("init")
    *_, apply_s = run("apply", "-auto-approve", "-parallelism=30")
    second, *_ = run("plan", "-detailed-exitcode", "-parallelism=30")
    state = json.loads((folder / "creator/terraform.tfstate").read_text())
    *_, destroy_s = run("destroy", "-auto-approve", "-parallelism=30")
    left = everything_in(emulator.url, Subject(SLUG, ACCOUNT, REGION))
    resources = Counter(_places(state))
    return {
        "resources": sum(resources.values()),
        "by_module": {
            name: sum(count for (module, _), count in resources.items() if module == name)
            for name in creator.modules.enabled
        },
        "apply_s": apply_s,
        "second_plan_empty": second == 0,
        "destroy_s": destroy_s,
        "left": left,
        "charges": _charges(state),
    }


def _places(state: Any) -> list[tuple[str, str]]:
    """Platform or shared module, and type, of every managed instance in a state."""
    return [
        (re.split(r"[.\[]", resource["module"])[1].replace("_", "-"), resource["type"])
        for resource in state["resources"]
        if resource["mode"] == "managed"
        for _ in resource["instances"]
    ]


def _charges(state: Any) -> list[dict[str, str]]:
    """What is charged for being there: its kind, what it is for, and US dollars a month."""
    book = price_book()
    charges = []
    for resource in state["resources"]:
        prices = book.charges.fixed.get(resource["type"], ())
        for instance in resource["instances"] if prices else ():
            attributes = instance["attributes"]
            usd = sum(book[name].of(Decimal(amount_of(name, attributes))) for name in prices)
            what = next(attributes[name] for name in _SAYS_WHAT_FOR if attributes.get(name))
            charges.append({"kind": resource["type"], "what": what, "usd": str(usd)})
    return charges


def tests() -> dict[str, dict[str, int]]:
    """How many tests each module has, of functions and of its Terraform."""
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/lambdas"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    places = Counter(_tested(line.partition("::")[0]) for line in listed.splitlines() if "::" in line)
    return {
        name: {
            "functions": places[name],
            "terraform": sum(
                len(re.findall(r'^run "', path.read_text(), re.MULTILINE))
                for path in (ROOT / f"terraform/modules/{name}/tests").glob("*.tftest.hcl")
            ),
        }
        for name in MODULES
    }


def _tested(path: str) -> str:
    """The platform module that a file of tests/lambdas is about."""
    parts = Path(path).parts[2:]
    first = parts[0].replace("_", "-").removesuffix("-module")
    return "sponsor-system" if first.startswith("test-sponsor") else first


if __name__ == "__main__":
    main()
