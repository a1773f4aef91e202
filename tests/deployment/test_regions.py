"""The regions whose endpoints are watched, and AWS's public list as botocore ships it."""

import json
import pathlib
import unittest

import botocore
from roles import ROOT

LISTED = [line.split() for line in (ROOT / "endpoints/src/regions.txt").read_text().splitlines()]
SERVICES = ("dynamodb", "lambda", "secretsmanager")
# Networks of their own, that GitHub does not reach.
ISOLATED = "aws-iso"


class Regions(unittest.TestCase):
    def test_every_region_that_has_the_services_is_listed(self):
        public = json.loads((pathlib.Path(botocore.__file__).parent / "data/endpoints.json").read_text())["partitions"]
        wanted = [
            [partition["partition"], partition["dnsSuffix"], region]
            for partition in public
            if not partition["partition"].startswith(ISOLATED)
            for region in sorted(partition["regions"])
            if all(region in partition["services"][service]["endpoints"] for service in SERVICES)
        ]
        self.assertEqual(LISTED, wanted)

    def test_the_workflow_asks_for_partitions_that_are_listed(self):
        text = (ROOT / ".github/workflows/endpoints.yml").read_text()
        default = text.split("|| '")[1].split("'")[0]
        self.assertIn(f"default: {default}\n", text)
        self.assertLessEqual(set(default.split(",")), {partition for partition, _, _ in LISTED})
