"""A stack as it is in AWS."""

import functools

from runbook.aws import Aws
from runbook.failure import Failure
from runbook.settings import Settings

NO_STACK = "does not exist"


class Stack:
    """The stack of an environment."""

    def __init__(self, environment):
        self.settings = Settings(environment)
        self.name = self.settings.stack
        self.aws = Aws(self.settings.region)

    @functools.cached_property
    def identity(self):
        """Whose credentials these are."""
        return self.aws("sts", "get-caller-identity")

    def described(self):
        """The stack's description; None if there is no stack."""
        answer = self.aws.find(NO_STACK, "cloudformation", "describe-stacks", "--stack-name", self.name)
        return answer and answer["Stacks"][0]

    def existing(self):
        """The stack's description. Raises Failure if there is no stack."""
        described = self.described()
        if described is None:
            raise Failure(f"There is no stack {self.name} in {self.settings.region}")
        return described

    def outputs(self):
        """The stack's outputs, by key."""
        return {output["OutputKey"]: output["OutputValue"] for output in self.existing().get("Outputs", [])}

    def parameters(self):
        """The parameters that the stack was deployed with, by name."""
        return {given["ParameterKey"]: given.get("ParameterValue", "") for given in self.existing().get("Parameters", [])}

    def resource(self, logical_id):
        """The physical id of a resource."""
        answer = self.aws(
            "cloudformation", "describe-stack-resource", "--stack-name", self.name, "--logical-resource-id", logical_id
        )
        return answer["StackResourceDetail"]["PhysicalResourceId"]

    def resource_if_any(self, logical_id):
        """The physical id of a resource; None if the stack has none, because its creation failed before."""
        answer = self.aws.find(
            NO_STACK, "cloudformation", "describe-stack-resource", "--stack-name", self.name, "--logical-resource-id", logical_id
        )
        return answer and answer["StackResourceDetail"].get("PhysicalResourceId")

    def wait(self, event):
        """Waits until the stack is created, updated or deleted."""
        self.aws("cloudformation", "wait", f"stack-{event}-complete", "--stack-name", self.name)
