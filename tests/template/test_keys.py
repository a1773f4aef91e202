"""Keys that are given as parameters: SAM's own parser, the template's patterns and its rules."""

import pathlib
import re
import subprocess
import tempfile
import tomllib

import click
import parameters
import transformed
from checked import Checked
from samcli.cli.types import CfnParameterOverridesType

KEY = pathlib.Path(__file__).with_name("key.pem").read_text().strip()
ONE_LINE = KEY.replace("\n", "\\n")
JWKS = "https://id.example/keys"


def parsed(*overrides):
    """The parameters that SAM makes of the values of --parameter-overrides; none if it refuses them."""
    try:
        return CfnParameterOverridesType().convert(list(overrides), None, None)
    except click.BadParameter:
        return {}


def in_bash(words, pem):
    """The words that a shell makes of a command line, with this key in key.pem."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "key.pem").write_text(pem + "\n")
        command = ["bash", "-c", f"printf '%s\\0' {words}"]
        return subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True, timeout=10).stdout.split(
            "\0"
        )[:-1]


def documented():
    """The quoting that the parameter's description shows."""
    return re.search(r': ("JwtPublicKey=.*")$', transformed.source()["Parameters"]["JwtPublicKey"]["Description"])


def refused(pem):
    return parameters.refusals(JwtPublicKey=pem)


class PublicKey(Checked):
    def test_the_documented_quoting_brings_the_whole_key(self):
        shown = documented()
        self.check(shown, "the description shows the quoting")
        for pem in (KEY, ONE_LINE):
            found = parsed(*in_bash(f"LogRetentionDays=7 {shown[1] if shown else ''} JwtIssuer=x", pem))
            self.check(
                found == {"LogRetentionDays": "7", "JwtPublicKey": pem, "JwtIssuer": "x"}, "SAM gets all three, whole"
            )

    def test_a_key_that_was_cut_is_refused(self):
        for quoting in (
            'JwtPublicKey="$(cat key.pem)"',
            "JwtPublicKey=$(cat key.pem)",
            "'ParameterKey=JwtPublicKey,ParameterValue='\"$(cat key.pem)\"",
        ):
            for pem in (KEY, ONE_LINE):
                found = parsed(*in_bash(quoting, pem)).get("JwtPublicKey", "")
                self.check(found != pem, f"{quoting} cuts the key")
                # Of an empty key, the rule says that there is none.
                self.check(refused(found), f"{found!r} is refused")

    def test_every_form_of_a_key_is_accepted(self):
        for pem in (
            KEY,
            ONE_LINE,
            KEY + "\n",
            ONE_LINE + "\\n",
            KEY.replace("\n", "\r\n"),
            KEY.replace(" PUBLIC", " RSA PUBLIC"),
        ):
            self.check(refused(pem) == [], f"{pem!r} is accepted")

    def test_what_is_no_public_key_is_refused(self):
        lines = KEY.split("\n")
        wrong = [
            lines[0],
            "\n".join(lines[:-1]),
            "\n".join(lines[1:]),
            KEY.replace("\n", " "),
            KEY.replace("PUBLIC", "PRIVATE"),
            "\n".join([lines[0], lines[-1]]),
            KEY.replace("END PUBLIC KEY", "END CERTIFICATE"),
            f"{KEY}\n{KEY}",
            f'"{KEY}"',
        ]
        for pem in wrong:
            self.check(refused(pem), f"{pem!r} is refused")

    def test_a_list_of_samconfig_brings_the_whole_key(self):
        for text in (
            f'[ """JwtPublicKey="{KEY}\\"""", "JwtIssuer=x" ]',
            f"[ '''JwtPublicKey=\"{ONE_LINE}\"''', 'JwtIssuer=x' ]",
        ):
            overrides = tomllib.loads(f"parameter_overrides = {text}")["parameter_overrides"]
            found = parsed(*overrides)
            self.check(
                found.get("JwtPublicKey") in (KEY, ONE_LINE) and found.get("JwtIssuer") == "x", "SAM gets both, whole"
            )

    def test_a_table_of_samconfig_brings_the_whole_key(self):
        overrides = tomllib.loads(f'parameter_overrides = {{ JwtPublicKey = """\n{KEY}""" }}')["parameter_overrides"]
        self.check(parsed(overrides) == {"JwtPublicKey": KEY}, "SAM gets it whole")


class Sources(Checked):
    def test_exactly_one_source_of_keys(self):
        one = {"JwtSecretArn": parameters.SECRET}
        self.check(parameters.refusals() != [], "none is refused")
        self.check(parameters.refusals(**one) == [], "one is accepted")
        self.check(parameters.refusals(**one, JwtPublicKey=KEY) != [], "two are refused")

    def test_a_key_set_needs_an_audience(self):
        self.check(
            "JwtAudience" in " ".join(parameters.refusals(JwtJwksUrl=JWKS)),
            "without an audience, it is refused, and says why",
        )
        self.check(
            "JwtAudience" in " ".join(parameters.refusals(JwtJwksUrl=JWKS, JwtIssuer="x")), "an issuer is no audience"
        )
        self.check(parameters.refusals(JwtJwksUrl=JWKS, JwtAudience="live-chat") == [], "with one, it is accepted")

    def test_a_secret_of_another_region_is_refused(self):
        boundary = lambda region: str(
            parameters.resolve(transformed.properties("FunctionBoundary"), region, JwtSecretArn=parameters.SECRET)
        )
        self.check(
            f"'{parameters.SECRET}'" in boundary(parameters.REGION), "functions may read a secret of the stack's region"
        )
        # IAM: a resource must be an ARN or "*".
        said = f"'The stack is in us-west-2, but JwtSecretArn is {parameters.SECRET}:'"
        self.check(said in boundary("us-west-2"), "IAM refuses any other, and says why")
        self.check(f"'{parameters.SECRET}'" not in boundary("us-west-2"), "nothing may be read elsewhere")
        self.check(
            parameters.holds("HasSecretHere", JwtSecretArn="") is False,
            "without an ARN, the condition can be evaluated",
        )

    def test_the_secret_of_services_is_beside_any_source_of_keys(self):
        service = {"ServiceSecretArn": parameters.SECRET.replace("secret:", "secret:service-")}
        self.check(parameters.refusals(**service) != [], "it is no source of users' keys")
        for source in ({"JwtSecretArn": parameters.SECRET}, {"JwtPublicKey": KEY}):
            self.check(parameters.refusals(**source, **service) == [], "it is accepted beside one")
            for region, allowed in ((parameters.REGION, True), ("us-west-2", False)):
                boundary = str(parameters.resolve(transformed.properties("FunctionBoundary"), region, **source, **service))
                said = f"The stack is in us-west-2, but ServiceSecretArn is {service['ServiceSecretArn']}:"
                self.check((f"'{service['ServiceSecretArn']}'" in boundary) is allowed, "it is read in the stack's region only")
                self.check((said in boundary) is not allowed, "IAM refuses any other, and says why")
        self.check(parameters.refusals(**parameters.MINIMAL, ServiceSecretArn="hush") != [], "a secret itself is refused")

    def test_claims_are_named_by_pointers(self):
        for name in ("JwtRolesClaim", "JwtNameClaim"):
            self.check(parameters.refusals(**parameters.MINIMAL, **{name: "/cognito:groups"}) == [], "a pointer is accepted")
            self.check(parameters.refusals(**parameters.MINIMAL, **{name: "roles"}) != [], "a name is refused")
        map_ = '{"chat-mods":"moderator"}'
        self.check(parameters.refusals(**parameters.MINIMAL, JwtRoleMap=map_) == [], "an object is accepted")
        self.check(parameters.refusals(**parameters.MINIMAL, JwtRoleMap="chat-mods") != [], "anything else is refused")
