"""A test case that counts what it asserts, so that `.ci/template` can print the number."""

import unittest


class Checked(unittest.TestCase):
    """Each failure names the thing that is wrong, and a loop continues after one."""

    asserted = 0

    def check(self, wanted, what):
        """Asserts one thing."""
        Checked.asserted += 1
        with self.subTest(what):
            self.assertTrue(wanted, what)

    def check_all(self, things, is_right, what):
        """Asserts the same of each of many things, of which there must be some."""
        self.check(len(things) > 0, f"there is something that {what}")
        for thing in things:
            self.check(is_right(thing), f"{thing} {what}")
