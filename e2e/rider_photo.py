"""The rider-photo application on a server: laid out by its own script, run by the CLI."""
import json

from harness import ACCOUNT, BINARIES, EXAMPLE, REGION, WithCanter

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:RiderPhotoProcessing"
PHOTOS = f"wildrydes-rider-photos-{ACCOUNT}"
THUMBNAILS = f"wildrydes-thumbnails-{ACCOUNT}"
COLLECTION = "rider-photos"
TABLE = "RiderPhotos"


class WithRiderPhoto(WithCanter):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deployed = cls.deploy()

    @classmethod
    def deploy(cls):
        return cls.canter.run(EXAMPLE / "deploy.sh", FUNCTIONS_DIR=str(BINARIES)).decode()

    def setUp(self):
        """Each test begins with no face known, as the workshop does before each chapter."""
        rekognition = self.canter.client("rekognition")
        rekognition.delete_collection(CollectionId=COLLECTION)
        rekognition.create_collection(CollectionId=COLLECTION)

    def start(self, key, user="user_a", bucket=PHOTOS):
        photo = json.dumps({"userId": user, "s3Bucket": bucket, "s3Key": key})
        started = self.canter.aws(
            "stepfunctions", "start-execution", "--state-machine-arn", MACHINE, "--input", photo
        )
        return started["executionArn"]

    def submit(self, key, **about):
        """Runs a photo through the workflow: how it ended, and the states it went through."""
        execution = self.start(key, **about)
        return self.canter.outcome(execution), self.canter.history(execution)

    def assert_accepted(self, outcome):
        self.assertEqual(outcome["status"], "SUCCEEDED", outcome)
        result = json.loads(outcome["output"])
        self.assertNotIn("errorInfo", result)
        self.assertNotIn("messageToSend", result)
        index, thumbnail = result["parallelResult"]
        self.assertTrue(index["FaceId"])
        self.assertEqual(thumbnail["thumbnail"]["s3bucket"], THUMBNAILS)
        return result

    def assert_refused(self, outcome, title, message):
        self.assertEqual(outcome["status"], "SUCCEEDED", outcome)
        self.assertEqual(
            json.loads(outcome["output"]), {"messageToSend": {"title": title, "message": message}}
        )
