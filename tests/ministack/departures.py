"""Every departure from template.yaml that MiniStack 1.5.33 needs, each with its reason. docs/ministack.md lists the same.

Everything else is deployed exactly as in the template.
"""

import hashlib

# The template's resources that MiniStack cannot create, and why.
LEFT_OUT = {
    "DefaultRouteResponse": "MiniStack does not know AWS::ApiGatewayV2::RouteResponse",
}


def depart(template, endpoint, artefacts, release):
    """Changes the template in place. `artefacts` has the location of each binary's zip."""
    functions = template["Globals"]["Function"]
    # The binaries are built for this machine.
    functions["Architectures"] = ["x86_64"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = artefacts[binary]
            # MiniStack passes no parameters to SAM's transform, so that it would see the same Release in every deployment.
            resource["Properties"]["AutoPublishCodeSha256"] = hashlib.sha256(release.encode()).hexdigest()
    functions.pop("CodeUri")
    # MiniStack does not support AWS::CodeDeploy::*: the alias switches to each version at once.
    functions.pop("DeploymentPreference")
    # MiniStack's conditions do not know Fn::Split. The secrets are in the stack's region, and no bus is given by its ARN.
    for condition in ("HasSecretHere", "HasServiceSecretHere", "HasWebhookSecretHere"):
        template["Conditions"][condition] = {"Fn::Equals": ["", ""]}
    template["Conditions"]["HasEventBusArn"] = {"Fn::Equals": ["", "arn"]}
    # Functions find MiniStack through these; the SDK's defaults would be AWS's own endpoints.
    for service in ("DYNAMODB", "LAMBDA", "SECRETS_MANAGER"):
        functions["Environment"]["Variables"][f"AWS_ENDPOINT_URL_{service}"] = endpoint
    # One line per call, without any of the call's data: MiniStack holds every response back until the function logs a line, for
    # 100 ms at most.
    functions["Environment"]["Variables"]["RUST_LOG"] = "info,lambda_runtime::runtime=trace"
    for name in ("BroadcastFunction", "FanOutFunction", "FlushLaterFunction", "HousekeepFunction"):
        variables = template["Resources"][name]["Properties"]["Environment"]["Variables"]
        variables["WEBSOCKET_ENDPOINT"] = {"Fn::Sub": f"{endpoint}/_aws/execute-api/${{SocketApi}}/${{StageName}}"}
    # The page comes from the bucket unchanged. The APIs have AWS host names, which MiniStack refuses to call.
    for origin in template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]:
        if "CustomOriginConfig" in origin:
            api = {"rest": "${HttpApi}/$default", "socket": "${SocketApi}/${StageName}"}[origin["Id"]]
            host, port = endpoint.removeprefix("http://").split(":")
            origin["DomainName"] = host
            origin["OriginPath"] = {"Fn::Sub": f"/_aws/execute-api/{api}"}
            origin["CustomOriginConfig"] = {"OriginProtocolPolicy": "http-only", "HTTPPort": int(port)}
    for name in LEFT_OUT:
        del template["Resources"][name]
    leave_out_metric_math(template["Resources"])


def leave_out_metric_math(resources):
    """MiniStack only creates alarms of one metric. The others are removed from the dashboard."""
    dashboard = resources["Dashboard"]["Properties"]
    for name in [name for name, resource in resources.items() if "Metrics" in resource.get("Properties", {})]:
        del resources[name]
        lines = dashboard["DashboardBody"]["Fn::Sub"].splitlines()
        dashboard["DashboardBody"] = {"Fn::Sub": "\n".join(line for line in lines if f"${{{name}.Arn}}" not in line)}
