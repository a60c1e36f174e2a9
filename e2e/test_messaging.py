"""Queues and topics: AWS CLI and boto3 against the built binary."""
import concurrent.futures
import functools
import hashlib
import http.server
import io
import json
import threading
import time
import urllib.parse
import urllib.request
import zipfile

from harness import ACCOUNT, REGION, WithCanter, until

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"


def arn(name):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


class Messaging(WithCanter):
    def setUp(self):
        self.sqs = self.canter.client("sqs")
        self.sns = self.canter.client("sns")

    def queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def receive(self, queue, seconds=10, **options):
        options = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": seconds} | options
        return self.sqs.receive_message(QueueUrl=queue, **options).get("Messages", [])

    def bodies(self, queue, **options):
        return [message["Body"] for message in self.receive(queue, **options)]

    def inbox(self, **query):
        url = f"{self.canter.url}/_aws/sns/inbox?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["messages"]


class Queues(Messaging):
    def test_a_queue_by_the_commands_people_type(self):
        # AWS CLI 1 goes to AWS for queues, whatever the environment says, unless it is told so.
        endpoint = ("--endpoint-url", self.canter.url)
        aws = functools.partial(self.canter.aws, *endpoint)
        url = aws("sqs", "create-queue", "--queue-name", "typed", "--attributes", "VisibilityTimeout=60")["QueueUrl"]
        self.assertEqual(url, f"{self.canter.url}/{ACCOUNT}/typed")
        self.assertEqual(aws("sqs", "get-queue-url", "--queue-name", "typed")["QueueUrl"], url)
        self.assertIn(url, aws("sqs", "list-queues", "--queue-name-prefix", "ty")["QueueUrls"])
        sent = aws(
            "sqs", "send-message", "--queue-url", url, "--message-body", "hello",
            "--message-attributes", json.dumps({"a": {"DataType": "String", "StringValue": "1"}}),
        )
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5(b"hello").hexdigest())
        received = aws(
            "sqs", "receive-message", "--queue-url", url, "--attribute-names", "All", "--message-attribute-names", "All"
        )["Messages"]
        self.assertEqual([message["Body"] for message in received], ["hello"])
        self.assertEqual(received[0]["MessageAttributes"]["a"]["StringValue"], "1")
        self.assertEqual(received[0]["Attributes"]["ApproximateReceiveCount"], "1")
        attributes = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
        self.assertEqual(attributes["ApproximateNumberOfMessagesNotVisible"], "1")
        self.assertEqual(attributes["QueueArn"], arn("typed"))
        aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", received[0]["ReceiptHandle"])
        aws("sqs", "purge-queue", "--queue-url", url)
        aws("sqs", "delete-queue", "--queue-url", url)
        self.assertIn(
            "(AWS.SimpleQueueService.NonExistentQueue)",
            self.canter.aws_error(*endpoint, "sqs", "send-message", "--queue-url", url, "--message-body", "x"),
        )

    def test_errors_are_those_that_clients_know(self):
        url = self.queue("errors")
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as caught:
            self.sqs.get_queue_url(QueueName="none")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AWS.SimpleQueueService.NonExistentQueue")
        with self.assertRaises(self.sqs.exceptions.QueueNameExists):
            self.queue("errors", DelaySeconds="5")
        with self.assertRaises(self.sqs.exceptions.ReceiptHandleIsInvalid):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle="x")
        with self.assertRaises(self.sqs.exceptions.EmptyBatchRequest):
            self.sqs.send_message_batch(QueueUrl=url, Entries=[])
        with self.assertRaises(self.sqs.exceptions.ClientError) as caught:
            self.sqs.send_message(QueueUrl=url, MessageBody="")
        error = caught.exception.response["Error"]
        self.assertEqual(
            (error["Code"], error["Type"], error["Message"]),
            ("MissingParameter", "Sender", "The request must contain the parameter MessageBody."),
        )

    def test_a_long_poll_waits_for_a_message_and_no_longer(self):
        url = self.queue("poll", ReceiveMessageWaitTimeSeconds="20")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            poll = pool.submit(self.sqs.receive_message, QueueUrl=url)
            self.sqs.send_message(QueueUrl=url, MessageBody="x")
            self.assertEqual(poll.result(timeout=15)["Messages"][0]["Body"], "x")
        began = time.monotonic()
        self.assertEqual(self.receive(url, seconds=1), [])
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_a_delayed_message_wakes_a_poll_when_it_is_due(self):
        url = self.queue("delayed")
        self.sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
        self.assertEqual(self.receive(url, seconds=0), [])
        self.assertEqual(self.bodies(url), ["later"])

    def test_dead_letters_and_back(self):
        dead = self.queue("dead")
        policy = json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": "1"})
        url = self.queue("alive", RedrivePolicy=policy, VisibilityTimeout="0")
        self.sqs.send_message(QueueUrl=url, MessageBody="bad")
        self.assertEqual(self.bodies(url), ["bad"])
        self.assertEqual(self.receive(url, seconds=0), [])
        [letter] = self.receive(dead, MessageSystemAttributeNames=["All"], VisibilityTimeout=0)
        self.assertEqual(letter["Body"], "bad")
        self.assertEqual(letter["Attributes"]["DeadLetterQueueSourceArn"], arn("alive"))
        self.assertEqual(self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
        self.sqs.start_message_move_task(SourceArn=arn("dead"))
        self.assertEqual(self.bodies(url), ["bad"])
        until(
            lambda: self.sqs.list_message_move_tasks(SourceArn=arn("dead"))["Results"][0],
            lambda task: task["Status"] == "COMPLETED",
        )

    def test_fifo(self):
        url = self.queue("order.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        entries = [
            {"Id": str(n), "MessageBody": str(n), "MessageGroupId": "even" if n % 2 == 0 else "odd"} for n in range(6)
        ]
        self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.sqs.send_message(QueueUrl=url, MessageBody="0", MessageGroupId="even")
        first = self.receive(url, MaxNumberOfMessages=1)
        self.assertEqual([message["Body"] for message in first], ["0"])
        self.assertEqual(self.bodies(url), ["1", "3", "5"])
        self.assertEqual(self.receive(url, seconds=0), [])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
        self.assertEqual(self.bodies(url), ["2", "4"])

    def test_a_client_of_the_older_protocol(self):
        url = self.queue("old")

        def post(**parameters):
            form = urllib.parse.urlencode({"Version": "2012-11-05", "QueueUrl": url} | parameters).encode()
            scope = f"20261122/{REGION}/sqs/aws4_request"
            request = urllib.request.Request(url, form, {
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "Authorization": f"AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature=00",
            })
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read().decode()

        self.assertIn("<MessageId>", post(Action="SendMessage", MessageBody="hello"))
        received = post(Action="ReceiveMessage", **{"AttributeName.1": "ApproximateReceiveCount"})
        self.assertIn("<Body>hello</Body>", received)
        self.assertIn("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>", received)

    def test_a_killed_server_loses_no_message(self):
        url = self.queue("killed", VisibilityTimeout="300")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda n: self.sqs.send_message(QueueUrl=url, MessageBody=str(n)), range(100)))
        taken = self.bodies(url)
        self.canter.restart()
        self.setUp()
        seen = []
        while bodies := self.bodies("killed", seconds=0):
            seen += bodies
        self.assertEqual(sorted(taken + seen, key=int), [str(n) for n in range(100)])

    def test_a_workflow_waits_for_whom_a_message_reaches(self):
        url = self.queue("tasks")
        states = self.canter.client("stepfunctions")
        machine = states.create_state_machine(name="callback", roleArn=ROLE, definition=json.dumps({
            "StartAt": "Ask", "States": {"Ask": {
                "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
                "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token", "about.$": "$.about"}},
            }},
        }))["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps({"about": "lunch"}))
        [body] = self.bodies(url)
        body = json.loads(body)
        self.assertEqual(body["about"], "lunch")
        states.send_task_success(taskToken=body["token"], output='"soup"')
        outcome = self.canter.outcome(execution["executionArn"])
        self.assertEqual((outcome["status"], outcome["output"]), ("SUCCEEDED", '"soup"'))


class Topics(Messaging):
    def topic(self, name, **attributes):
        return self.sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]

    def test_a_topic_by_the_commands_people_type(self):
        aws = self.canter.aws
        topic = aws("sns", "create-topic", "--name", "typed")["TopicArn"]
        self.assertEqual(topic, f"arn:aws:sns:{REGION}:{ACCOUNT}:typed")
        self.queue("typed-topic")
        subscription = aws(
            "sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs",
            "--notification-endpoint", arn("typed-topic"),
        )["SubscriptionArn"]
        listed = aws("sns", "list-subscriptions-by-topic", "--topic-arn", topic)["Subscriptions"]
        self.assertEqual([one["SubscriptionArn"] for one in listed], [subscription])
        sent = aws("sns", "publish", "--topic-arn", topic, "--subject", "s", "--message", "hello")
        [body] = self.bodies("typed-topic")
        body = json.loads(body)
        self.assertEqual(
            (body["Type"], body["MessageId"], body["TopicArn"], body["Subject"], body["Message"]),
            ("Notification", sent["MessageId"], topic, "s", "hello"),
        )
        aws("sns", "unsubscribe", "--subscription-arn", subscription)
        aws("sns", "delete-topic", "--topic-arn", topic)
        self.assertIn("(NotFound)", self.canter.aws_error("sns", "publish", "--topic-arn", topic, "--message", "x"))

    def test_filters_and_raw_messages(self):
        topic = self.topic("filtered")
        self.queue("wanted")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("wanted"), Attributes={
            "FilterPolicy": json.dumps({"kind": [{"prefix": "a"}]}), "RawMessageDelivery": "true",
        })
        entries = [
            {"Id": kind, "Message": kind, "MessageAttributes": {"kind": {"DataType": "String", "StringValue": kind}}}
            for kind in ("b1", "a1", "a2")
        ]
        self.assertEqual(len(self.sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Successful"]), 3)
        seen = []
        while len(seen) < 2:
            seen += self.receive("wanted", MessageAttributeNames=["All"])
        self.assertEqual(sorted(message["Body"] for message in seen), ["a1", "a2"])
        self.assertEqual(seen[0]["MessageAttributes"]["kind"]["StringValue"], seen[0]["Body"])

    def test_fifo_topics_feed_fifo_queues(self):
        topic = self.topic("line.fifo", FifoTopic="true", ContentBasedDeduplication="true")
        self.queue("line.fifo", FifoQueue="true")
        self.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn("line.fifo"), Attributes={"RawMessageDelivery": "true"}
        )
        for message in ("1", "2", "2", "3"):
            self.sns.publish(TopicArn=topic, Message=message, MessageGroupId="g")
        seen = []
        while len(seen) < 3:
            for message in self.receive("line.fifo"):
                seen.append(message["Body"])
                self.sqs.delete_message(QueueUrl="line.fifo", ReceiptHandle=message["ReceiptHandle"])
        self.assertEqual(seen, ["1", "2", "3"])

    def test_a_function_is_invoked(self):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("main.py", """
import json, os, urllib.request
import boto3
def handler(event, context):
    record = event["Records"][0]
    boto3.client("sqs").send_message(QueueUrl="heard", MessageBody=json.dumps(record))
""")
        self.queue("heard")
        made = self.canter.client("lambda").create_function(
            FunctionName="listener", Runtime="python3.12", Handler="main.handler", Role=ROLE, Timeout=30,
            Code={"ZipFile": code.getvalue()},
        )
        topic = self.topic("spoken")
        subscribed = self.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=made["FunctionArn"])
        self.sns.publish(TopicArn=topic, Message="hello")
        [body] = self.bodies("heard", seconds=20)
        record = json.loads(body)
        self.assertEqual(record["EventSource"], "aws:sns")
        self.assertEqual(record["EventSubscriptionArn"], subscribed["SubscriptionArn"])
        self.assertEqual((record["Sns"]["Message"], record["Sns"]["TopicArn"]), ("hello", topic))

    def test_an_http_endpoint_confirms_and_is_told(self):
        heard = []

        class Endpoint(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append((self.headers["x-amz-sns-message-type"], json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        topic = self.topic("web")
        endpoint = f"http://127.0.0.1:{server.server_port}/hook"
        said = self.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
        self.assertEqual(said["SubscriptionArn"], "pending confirmation")
        until(lambda: heard, lambda heard: len(heard) == 1)
        kind, question = heard[0]
        self.assertEqual((kind, question["Type"]), ("SubscriptionConfirmation", "SubscriptionConfirmation"))
        with urllib.request.urlopen(question["SubscribeURL"], timeout=10) as answer:
            self.assertIn("<ConfirmSubscriptionResult>", answer.read().decode())
        self.sns.publish(TopicArn=topic, Message="hello")
        until(lambda: heard, lambda heard: len(heard) == 2)
        self.assertEqual(heard[1][1]["Message"], "hello")

    def test_mail_is_in_the_inbox(self):
        topic = self.topic("mail", DisplayName="Photos")
        self.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.com")
        self.sns.publish(TopicArn=topic, Message="too early")
        self.canter.restart()
        self.setUp()
        [question] = self.inbox(email="ann@example.com")
        listed = self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual(listed[0]["SubscriptionArn"], "PendingConfirmation")
        # The link leads to where the server was when it wrote it.
        link = urllib.parse.urlsplit(question["confirmUrl"])
        with urllib.request.urlopen(f"{self.canter.url}{link.path}?{link.query}", timeout=10) as answer:
            self.assertIn("<ConfirmSubscriptionResult>", answer.read().decode())
        self.sns.publish(TopicArn=topic, Message="hello", Subject="Photo")
        [told, _] = self.inbox(email="ann@example.com")
        self.assertEqual((told["subject"], told["from"]), ("Photo", "Photos <no-reply@sns.amazonaws.com>"))
        self.assertTrue(told["body"].startswith("hello\n"), told)

    def test_a_workflow_publishes(self):
        topic = self.topic("flow")
        self.queue("flow")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("flow"))
        states = self.canter.client("stepfunctions")
        machine = states.create_state_machine(name="publisher", roleArn=ROLE, definition=json.dumps({
            "StartAt": "Tell", "States": {"Tell": {
                "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True,
                "Parameters": {"TopicArn": topic, "Message.$": "$"},
            }},
        }))["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps({"photo": 1}))
        outcome = self.canter.outcome(execution["executionArn"])
        self.assertEqual(outcome["status"], "SUCCEEDED")
        [body] = self.bodies("flow")
        body = json.loads(body)
        self.assertEqual(json.loads(body["Message"]), {"photo": 1})
        self.assertEqual(body["MessageId"], json.loads(outcome["output"])["MessageId"])


del WithCanter, Messaging
