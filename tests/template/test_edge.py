"""CloudFront: errors that are not kept, names that are unique in an account, and the web ACL."""

import re

import parameters
import transformed
from checked import Checked

# Status codes that CloudFront keeps for ten seconds by default, if the origin sends no Cache-Control or a max-age. It accepts a
# custom response for one more, 416, which it never keeps (CloudFront's guide, "How CloudFront processes HTTP 4xx and 5xx").
KEPT = {400, 403, 404, 405, 414, 500, 501, 502, 503, 504}
# Types whose names are unique in an account, not in one of its regions, with the property that names them and its longest value.
GLOBAL = {
    "AWS::CloudFront::Function": ("Name", 64),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", 64),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", 128),
    "AWS::CloudFront::CachePolicy": ("CachePolicyConfig.Name", 128),
    "AWS::CloudFront::OriginRequestPolicy": ("OriginRequestPolicyConfig.Name", 128),
    "AWS::CloudFront::KeyValueStore": ("Name", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::Budgets::Budget": ("BudgetName", 100),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255),
}
ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/11111111-2222-3333-4444-555555555555"


def name_of(resource, path):
    value = resource["Properties"]
    for part in path.split("."):
        value = value.get(part, {})
    return value or None


def distribution():
    return transformed.properties("Distribution")["DistributionConfig"]


def web_acl(region="us-east-1", **given):
    """The distribution's web ACL, as a reference or an ARN."""
    return parameters.resolve(distribution().get("WebACLId"), region, **given)


class Errors(Checked):
    def test_no_error_is_kept(self):
        responses = {response["ErrorCode"]: response for response in distribution().get("CustomErrorResponses", [])}
        self.check_all(sorted(KEPT), lambda code: responses.get(code, {}).get("ErrorCachingMinTTL") == 0, "is not kept")
        self.check_all(
            list(responses.values()),
            lambda response: "ResponsePagePath" not in response,
            "reaches the client as the origin sent it",
        )


class Page(Checked):
    def test_the_page_comes_compressed_and_browsers_follow_its_own_caching(self):
        behaviour = distribution()["DefaultCacheBehavior"]
        self.check(behaviour.get("Compress") is True, "CloudFront compresses the page")
        # Managed-CachingOptimized: it compresses with brotli and gzip, and keeps what is `no-cache` for a second only.
        self.check(behaviour.get("CachePolicyId") == "658327ea-f89d-4fab-a63d-7e88639e58f6", "it keeps files as their Cache-Control says")
        headers = transformed.properties("PageHeaders")["ResponseHeadersPolicyConfig"].get("CustomHeadersConfig", {}).get("Items", [])
        cors = transformed.properties("PageHeaders")["ResponseHeadersPolicyConfig"].get("CorsConfig", {})
        self.check(
            (cors.get("AccessControlAllowOrigins"), cors.get("AccessControlAllowCredentials")) == ({"Items": ["*"]}, False),
            "pages of any origin run the element, and send no credentials",
        )
        self.check("cache-control" not in [item["Header"].lower() for item in headers], "no other Cache-Control replaces the files' own")


class Origins(Checked):
    def test_each_list_takes_origins_and_nothing_else(self):
        for name in ("EmbedOrigins", "ConsoleOrigins"):
            for good in ("", "https://app.example", "https://app.example:8443,http://localhost:5173", ",".join(["https://a.example"] * 20)):
                self.check(parameters.refusals(**parameters.MINIMAL, **{name: good}) == [], f"{name} takes {good!r}")
            for wrong in (
                "*",
                "null",
                "app.example",
                "https://app.example/",
                "https://app.example/chat",
                "https://*.example",
                "http://localhost:*",
                "https://app.example;script-src",
                "https://a.example,",
                "https://a.example https://b.example",
                "https://me@a.example",
                ",".join(["https://a.example"] * 21),
                # A browser leaves these ports out, so such an origin would never be met.
                "https://a.example:443",
                "https://b.example,http://a.example:80",
                "https://a.example:65536",
            ):
                self.check(parameters.refusals(**parameters.MINIMAL, **{name: wrong}), f"{name} refuses {wrong!r}")

    def test_the_longest_lists_fit_into_a_policy(self):
        """CloudFront's quota, "Maximum length of the Content-Security-Policy header value"."""
        origins = ",".join(["https://" + "o" * 43] * 19 + ["https://" + "o" * 28])
        hosts = ",".join(["h" * 22] * 19 + ["h" * 33])
        given = {"EmbedOrigins": origins, "ConsoleOrigins": origins, "PictureHosts": hosts}
        self.check(parameters.refusals(**parameters.MINIMAL, **given) == [], "these are taken")
        for name, text in (("EmbedOrigins", origins), ("PictureHosts", hosts)):
            self.check(parameters.refusals(**parameters.MINIMAL, **{name: text + "x"}), f"{name} takes nothing longer")
        for headers in ("PageHeaders", "EmbedHeaders", "ConsoleHeaders", "ReplayHeaders"):
            security = transformed.properties(headers)["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
            policy = parameters.resolve(security["ContentSecurityPolicy"]["ContentSecurityPolicy"], **given)
            length = len(parameters.evaluate(policy, parameters.values_of(transformed.source(), "us-east-1", given), parameters.CONDITION))
            self.check(500 < length <= 1783, f"{headers} has a policy of {length} characters")

    def test_whoever_embeds_the_chat_may_call_it_and_so_may_others_who_are_named(self):
        cors = transformed.properties("HttpApi")["Body"]["x-amazon-apigateway-cors"]

        def origins(**given):
            found = parameters.resolve(cors, **given)
            return found and parameters.evaluate(found["allowOrigins"], {}, parameters.CONDITION)

        self.check(origins() is None, "by default, the API has no CORS")
        self.check(origins(ConsoleOrigins="https://team.example") is None, "the console's origins call nothing")
        one, two = "https://app.example", "https://b.example,https://c.example"
        self.check(origins(EmbedOrigins=one) == [one], "those of EmbedOrigins call the API")
        self.check(origins(AllowedOrigins=two) == two.split(","), "and those of AllowedOrigins")
        self.check(origins(AllowedOrigins=two, EmbedOrigins=one) == [*two.split(","), one], "and both")


class Folders(Checked):
    def test_a_folder_is_its_page_and_each_page_has_headers_of_its_own(self):
        behaviours = {behaviour["PathPattern"]: behaviour for behaviour in distribution()["CacheBehaviors"]}
        for pattern, headers in (("/embed*", "EmbedHeaders"), ("/moderate*", "ConsoleHeaders"), ("/replay*", "ReplayHeaders")):
            found = behaviours.get(pattern, {})
            self.check(found.get("ResponseHeadersPolicyId") == {"Ref": headers}, f"{pattern} has {headers}")
            rewrite = {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["FolderRewrite", "FunctionARN"]}}
            self.check(found.get("FunctionAssociations") == [rewrite], f"a folder at {pattern} is its page")
            for same in ("TargetOriginId", "ViewerProtocolPolicy", "AllowedMethods", "Compress", "CachePolicyId"):
                self.check(found.get(same) == distribution()["DefaultCacheBehavior"][same], f"{same} of {pattern} is that of the page")
        cors = transformed.properties("EmbedHeaders")["ResponseHeadersPolicyConfig"].get("CorsConfig")
        self.check(
            cors == transformed.properties("PageHeaders")["ResponseHeadersPolicyConfig"]["CorsConfig"],
            "pages of any origin run the element, which is in a folder with the page for frames",
        )


class Names(Checked):
    def test_names_that_are_unique_in_an_account_hold_the_region(self):
        named = []
        for kind, (path, longest) in GLOBAL.items():
            for identity, resource in transformed.of_type(kind).items():
                name = name_of(resource, path)
                # A name that CloudFormation makes up ends in random characters.
                if name is not None:
                    named.append(identity)
                    text = name.get("Fn::Sub", "")
                    self.check("${AWS::Region}" in text, f"the name of {identity} holds the region")
                    longest_region = text.replace("${AWS::Region}", "ap-southeast-1").replace(
                        "${AWS::StackName}", "s" * 25
                    )
                    self.check(
                        len(longest_region) <= longest, f"the name of {identity} has at most {longest} characters"
                    )
        self.check({"SocketRewrite", "FolderRewrite", "PageAccess", "PageHeaders", "EmbedHeaders", "ConsoleHeaders"} <= set(named), "the names at the edge were found")


class WebAcl(Checked):
    def test_there_is_none_by_default(self):
        self.check(web_acl() is None and not parameters.holds("LimitsEdgeRate"), "neither parameter, no web ACL")
        self.check(parameters.refusals(**parameters.MINIMAL) == [], "the defaults deploy anywhere")

    def test_a_web_acl_of_the_account(self):
        self.check(web_acl(WebAclArn=ACL) == ACL, "the distribution takes it")
        self.check(parameters.refusals(**parameters.MINIMAL, WebAclArn=ACL) == [], "it is accepted from any region")
        for wrong in (
            ACL.replace("us-east-1", "eu-west-1"),
            ACL.replace("global", "regional"),
            "edge",
            ACL.rsplit("/", 1)[0],
        ):
            self.check(parameters.refusals(**parameters.MINIMAL, WebAclArn=wrong), f"{wrong} is refused")

    def test_a_limit_per_address(self):
        self.check(
            web_acl(EdgeRateLimit="2000") == {"Fn::GetAtt": ["EdgeWebAcl", "Arn"]},
            "the distribution takes the stack's web ACL",
        )
        acl = transformed.resources().get("EdgeWebAcl", {})
        self.check(acl.get("Condition") == "LimitsEdgeRate", "only a limit creates the web ACL")
        acl = acl.get("Properties", {})
        self.check(
            (acl.get("Scope"), acl.get("DefaultAction")) == ("CLOUDFRONT", {"Allow": {}}),
            "the edge passes everything else",
        )
        [rule] = acl.get("Rules", [{}])
        limit = {"AggregateKeyType": "IP", "EvaluationWindowSec": 300, "Limit": {"Ref": "EdgeRateLimit"}}
        self.check(
            rule.get("Statement") == {"RateBasedStatement": limit}, "it counts an address's requests in five minutes"
        )
        self.check(
            rule.get("Action") == {"Block": {"CustomResponse": {"ResponseCode": 429}}}, "it refuses more with 429"
        )
        for part in (acl, rule):
            self.check(
                part.get("VisibilityConfig", {}).get("SampledRequestsEnabled") is False,
                "no sample of a request shows a token",
            )

    def test_refused_limits(self):
        deploy = lambda region, **given: " ".join(
            parameters.refusals(region, **{"JwtPublicKey": ""} | secret_in(region) | given)
        )
        self.check(deploy("us-east-1", EdgeRateLimit="2000") == "", "a limit is accepted in us-east-1")
        self.check(
            "us-east-1" in deploy("eu-central-1", EdgeRateLimit="2000"), "a limit is refused elsewhere, and says why"
        )
        self.check(
            "not both" in deploy("us-east-1", EdgeRateLimit="2000", WebAclArn=ACL), "a limit and a web ACL are refused"
        )
        for wrong in ("9", "-1", "1.5", "many", ""):
            self.check(deploy("us-east-1", EdgeRateLimit=wrong), f"the limit {wrong!r} is refused")


def secret_in(region):
    return {"JwtSecretArn": re.sub(parameters.REGION, region, parameters.SECRET)}
