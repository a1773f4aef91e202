"""Runs all tests of the template, and prints how many assertions ran."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

from checked import Checked  # noqa: E402

suite = unittest.defaultTestLoader.discover(str(HERE))
result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
print(f"{result.testsRun} tests of the transformed template made {Checked.asserted} assertions")
sys.exit(not result.wasSuccessful() or result.testsRun == 0)
