"""Who may assume the workflow's role: sample claims of GitHub's tokens, judged as IAM does."""

import unittest

import iam
from roles import Stack

ISSUER = "token.actions.githubusercontent.com"
DEV = {
    "aud": "sts.amazonaws.com",
    "sub": "repo:octo-org/chat:environment:dev",
    "environment": "dev",
    "repository_id": "2002",
    "ref": "refs/heads/main",
}
IMMUTABLE = "repo:octo-org@1001/chat@2002:environment:dev"


def may(stack=None, **claims):
    given = {f"{ISSUER}:{name}": value for name, value in (DEV | claims).items() if value is not None}
    return iam.allows((stack or Stack()).trust("DeployRole"), "sts:AssumeRoleWithWebIdentity", **given)


class Trust(unittest.TestCase):
    def test_both_forms_of_the_subject_are_accepted(self):
        self.assertTrue(may())
        self.assertTrue(may(sub=IMMUTABLE))
        self.assertTrue(may(ref="refs/tags/v1.2.3"))

    def test_everybody_else_is_denied(self):
        for what, claims in {
            "a fork": {"sub": "repo:mallory/chat:environment:dev", "repository_id": "3003"},
            "a fork, immutable": {"sub": "repo:mallory@9/chat@3003:environment:dev", "repository_id": "3003"},
            "a fork with the right id in its subject": {"sub": "repo:mallory@1001/chat@2002:environment:dev"},
            "an owner who took over the name": {"repository_id": "3003"},
            "an owner who took over the name, immutable": {"sub": "repo:octo-org@9/chat@3003:environment:dev", "repository_id": "3003"},
            "ids of others": {"sub": "repo:octo-org@1001/chat@20020:environment:dev"},
            "a name that contains ids": {"sub": "repo:octo-org/chat@2002:environment:dev"},
            "hyphens for at signs": {"sub": "repo:octo-org-1001/chat-2002:environment:dev"},
            "a longer owner": {"sub": "repo:octo-org2/chat:environment:dev"},
            "an owner that ends alike": {"sub": "repo:my-octo-org/chat:environment:dev"},
            "a letter that looks alike": {"sub": "repo:οcto-org/chat:environment:dev"},
            "a longer repository": {"sub": "repo:octo-org/chat2:environment:dev"},
            "upper case": {"sub": "repo:Octo-Org/chat:environment:dev"},
            "upper case of the environment": {"sub": "repo:octo-org/chat:environment:Dev"},
            "another environment": {"sub": "repo:octo-org/chat:environment:prod", "environment": "prod"},
            "another environment's subject": {"sub": "repo:octo-org/chat:environment:prod"},
            "another environment's claim": {"environment": "prod"},
            "the smoke test's environment": {"sub": "repo:octo-org/chat:environment:smoke-dev", "environment": "smoke-dev"},
            "a branch without an environment": {"sub": "repo:octo-org/chat:ref:refs/heads/main", "environment": None},
            "a pull request": {"sub": "repo:octo-org/chat:pull_request", "environment": None, "ref": "refs/pull/7/merge"},
            "a pull request that names the environment": {"ref": "refs/pull/7/merge"},
            "another branch": {"ref": "refs/heads/feature"},
            "a branch named like the tags": {"ref": "refs/heads/v1"},
            "no subject": {"sub": None},
            "no repository": {"repository_id": None},
            "no branch": {"ref": None},
            "no audience": {"aud": None},
            "the default audience": {"aud": "https://github.com/octo-org"},
            "another cloud's audience": {"aud": "api://AzureADTokenExchange"},
            "more after the environment": {"sub": DEV["sub"] + ":extra"},
        }.items():
            with self.subTest(what):
                self.assertFalse(may(**claims))

    def test_a_customised_subject_is_accepted_beside_both(self):
        custom = "repository_owner_id:1001:repository_id:2002:environment:dev"
        stack = Stack(CustomSubject=custom)
        self.assertTrue(may(stack, sub=custom) and may(stack, sub=IMMUTABLE) and may(stack))
        self.assertFalse(may(sub=custom))
        self.assertFalse(may(stack, sub=custom, repository_id="3003"))

    def test_parameters_that_would_open_the_role_are_refused(self):
        for given in (
            {"CustomSubject": "repo:octo-org/*:environment:dev"},
            {"CustomSubject": "repo:octo-org/chat:ref:refs/heads/main"},
            {"CustomSubject": "repo:octo-org/cha?:environment:dev"},
            {"Repository": "octo-org/*"},
            {"Repository": "octo-org"},
            {"Environment": "*"},
            {"RepositoryId": ""},
            {"RepositoryId": "*"},
            {"OwnerId": ""},
            {"StackName": "*"},
            {"StackName": "live"},
        ):
            with self.subTest(given), self.assertRaises(ValueError):
                Stack(**given)

    def test_the_subject_is_compared_whole(self):
        (statement,) = Stack().trust("DeployRole")
        self.assertEqual({key.split(":")[1] for key in statement["Condition"]["StringEquals"]}, {"aud", "sub", "environment", "repository_id"})
        self.assertEqual(set(statement["Condition"]["StringLike"]), {f"{ISSUER}:ref"})
        self.assertTrue(statement["Principal"]["Federated"])

    def test_only_cloudformation_assumes_the_other(self):
        (statement,) = Stack().trust("ExecutionRole")
        self.assertEqual(statement["Principal"], {"Service": "cloudformation.amazonaws.com"})
