"""The console as the built server answers it, and a walk through it in Chromium."""
import json
import re
import unittest
import urllib.request

from harness import ACCOUNT, REGION, ROOT, WithCanter, tool
from rider_photo import WithRiderPhoto

NOT_BUILT = "the server was built without its console: cargo xtask console, then build it again"
PAGE = b"<title>stored</title><script>document.title = localStorage.length</script>"
PASS = json.dumps({"StartAt": "Hi", "States": {"Hi": {"Type": "Pass", "End": True}}})


def each_item(start, states):
    """A Distributed Map over the input's items, whose children are STANDARD executions of these states."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": start,
        "States": states,
    }
    each = {"Type": "Map", "ItemsPath": "$.items", "Label": "Each", "ItemProcessor": processor, "End": True}
    return json.dumps({"StartAt": "Each", "States": {"Each": each}})


EACH = each_item("Is it a number?", {
    "Is it a number?": {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "IsNumeric": True, "Next": "Keep"}],
        "Default": "Refuse",
    },
    "Keep": {"Type": "Pass", "End": True},
    "Refuse": {"Type": "Fail", "Error": "NotANumber", "Cause": "Only numbers are kept."},
})
# Its executions, and those of its items, run for as long as anybody looks.
PATIENT = each_item("Rest", {"Rest": {"Type": "Wait", "Seconds": 86400, "End": True}})


def browse(canter, script, path, *arguments):
    """A script of the console's in Chromium, at a path of the server; says the steps that it took."""
    tool("chromium")
    print("", canter.run("node", ROOT / "console/scripts" / script, canter.url + path, *arguments).decode(), sep="\n")


class Console(WithCanter):
    def get(self, path, **headers):
        request = urllib.request.Request(self.canter.url + path, headers=headers)
        with urllib.request.urlopen(request) as answer:
            return answer.headers, answer.read()

    def setUp(self):
        try:
            self.headers, page = self.get("/console/")
        except urllib.error.HTTPError as error:
            self.assertEqual(error.code, 503)
            self.fail(NOT_BUILT)
        self.page = page.decode()

    def test_each_part_that_the_page_names_is_there_compressed_and_kept_for_good(self):
        parts = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', self.page)
        self.assertTrue(parts)
        for part in parts:
            headers, _ = self.get(f"/console/{part}", **{"Accept-Encoding": "gzip, br"})
            self.assertEqual(headers["Content-Encoding"], "br", part)
            self.assertIn("immutable", headers["Cache-Control"], part)

    def test_the_server_fills_in_what_the_page_leaves_to_it(self):
        nonce = re.search(r"'nonce-(\w+)'", self.headers["Content-Security-Policy"]).group(1)
        self.assertIn(f'content="{nonce}"', self.page)
        self.assertIn('<base href="./" />', self.page)
        _, deep = self.get(f"/console/executions/arn:aws:states:{REGION}:{ACCOUNT}:execution:a:b")
        self.assertIn('<base href="../" />', deep.decode())

    def test_a_bucket_named_console_is_reached(self):
        s3 = self.canter.client("s3")
        s3.create_bucket(Bucket="console")
        s3.put_object(Bucket="console", Key="state-machines", Body=b"an object")
        self.assertEqual(s3.get_object(Bucket="console", Key="state-machines")["Body"].read(), b"an object")
        link = s3.generate_presigned_url("get_object", Params={"Bucket": "console", "Key": "state-machines"})
        with urllib.request.urlopen(link) as answer:
            self.assertEqual(answer.read(), b"an object")

    def test_a_person_walks_through_it(self):
        states = self.canter.client("stepfunctions")
        states.create_state_machine(name="walk", definition=PASS, roleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
        s3 = self.canter.client("s3")
        s3.create_bucket(Bucket="pages")
        s3.put_object(Bucket="pages", Key="a.html", Body=PAGE, ContentType="text/html")
        link = s3.generate_presigned_url("get_object", Params={"Bucket": "pages", "Key": "a.html"})
        browse(self.canter, "walk.mjs", "/", link)


class ConsoleOfTheWorkshop(WithRiderPhoto):
    def lay_out(self):
        """Something of each kind that the console has a page for."""
        states = self.canter.client("stepfunctions")
        for key in ("2_sunglass_face.jpg", "1_happy_face.jpg", "1_happy_face.jpg"):
            self.submit(key)
        own = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/any", "publish": True}
        patient = states.create_state_machine(name="patient", definition=PATIENT, **own)
        states.start_execution(stateMachineArn=patient["stateMachineArn"], input=json.dumps({"items": [1]}))
        states.create_state_machine(name="quick", definition=PASS, type="EXPRESS", **own)
        made = states.create_state_machine(
            name="each", definition=EACH, tags=[{"key": "team", "value": "riders"}], **own
        )
        version = {"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 100}
        states.create_state_machine_alias(name="live", routingConfiguration=[version])
        started = [
            states.start_execution(stateMachineArn=made["stateMachineArn"], input=json.dumps({"items": items}))
            for items in ([1, 2, 3], [1, "two"])
        ]
        ended = [self.canter.outcome(one["executionArn"])["status"] for one in started]
        self.assertEqual(ended, ["SUCCEEDED", "FAILED"])

    def test_axe_finds_nothing_serious_on_any_page_nor_dialogue(self):
        self.lay_out()
        browse(self.canter, "shots.mjs", "/console/")

    def test_a_reader_of_the_workshop_walks_it_in_the_browser(self):
        browse(self.canter, "workshop.mjs", "/")


if __name__ == "__main__":
    unittest.main()
