"""Every departure from template.yaml that MiniStack needs, each with its reason. docs/ministack.md lists the same.

What is not named here is deployed as it stands in the template.
"""

# Of the template's resources, those that MiniStack cannot make, and why.
LEFT_OUT = {
    "DefaultRouteResponse": "MiniStack does not know AWS::ApiGatewayV2::RouteResponse",
}


def depart(template, endpoint, artefacts):
    """Changes the template in place. `artefacts` tells for each binary where its zip is."""
    functions = template["Globals"]["Function"]
    # The binaries are of this machine.
    functions["Architectures"] = ["x86_64"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = artefacts[binary]
    functions.pop("CodeUri")
    # MiniStack does not know AWS::CodeDeploy::*: the alias takes each version at once.
    functions.pop("DeploymentPreference")
    for name in LEFT_OUT:
        del template["Resources"][name]
