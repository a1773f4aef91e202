"""Runs all tests of how the chat is deployed from GitHub: its workflows, its roles in AWS, and the regions that are watched."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.discover(str(HERE)))
print(f"{result.testsRun} tests of the deployment from GitHub")
sys.exit(not result.wasSuccessful() or result.testsRun == 0)
