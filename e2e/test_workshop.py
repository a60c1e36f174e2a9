"""The workshop's page, by the AWS CLI: deploy, photos that pass and photos that do not, the face collection."""
import json

from harness import EXAMPLE, entered, jpeg_size, shared
from rider_photo import COLLECTION, MACHINE, PHOTOS, TABLE, THUMBNAILS, WithRiderPhoto

NOT_FIT = "PhotoDoesNotMeetRequirementError"
KNOWN = ("FaceAlreadyExistsError", "Face in the picture is already in the system. ")
ALL_STEPS = [
    "FaceDetection", "CheckFaceDuplicate", "ParallelProcessing", "AddFaceToIndex", "Thumbnail", "PersistMetadata",
]


class Workshop(WithRiderPhoto):
    @classmethod
    def tearDownClass(cls):
        """The last chapter: clean up, and nothing is left."""
        cls.canter.run(EXAMPLE / "teardown.sh")
        assert cls.canter.client("lambda").list_functions()["Functions"] == []
        assert cls.canter.client("dynamodb").list_tables()["TableNames"] == []
        assert cls.canter.client("rekognition").list_collections()["CollectionIds"] == []
        assert cls.canter.client("s3").list_buckets()["Buckets"] == []
        assert cls.canter.client("iam").list_roles()["Roles"] == []

    def test_deploying_again_changes_no_name(self):
        self.assertEqual(self.deploy(), self.deployed)
        self.assertIn(MACHINE, self.deployed)

    def test_a_photo_passes_once_and_again_after_its_face_is_deleted(self):
        key = "1_happy_face.jpg"
        outcome, events = self.submit(key)
        result = self.assert_accepted(outcome)
        self.assertCountEqual(entered(events), ALL_STEPS)
        self.assertEqual(entered(events)[:3], ALL_STEPS[:3])
        self.assertEqual(entered(events)[-1], "PersistMetadata")
        self.assertNotIn("Landmarks", result["detectedFaceDetails"])
        self.assertFalse(result["detectedFaceDetails"]["Sunglasses"]["Value"])

        faces = self.canter.aws("rekognition", "list-faces", "--collection-id", COLLECTION)["Faces"]
        self.assertEqual([face["ExternalImageId"] for face in faces], ["user_a"])
        face = faces[0]["FaceId"]
        items = self.canter.aws("dynamodb", "scan", "--table-name", TABLE)["Items"]
        self.assertEqual(
            items,
            [{
                "Username": {"S": "user_a"}, "faceId": {"S": face}, "s3bucket": {"S": PHOTOS}, "s3key": {"S": key},
                "thumbnail": {"M": {"s3key": {"S": f"resized-{key}"}, "s3bucket": {"S": THUMBNAILS}}},
            }],
        )
        small = self.canter.run("aws", "s3", "cp", f"s3://{THUMBNAILS}/resized-{key}", "-")
        self.assertEqual(jpeg_size(small), (300, 200))

        outcome, events = self.submit(key, user="user_b")
        self.assert_refused(outcome, *KNOWN)
        self.assertEqual(
            entered(events), ["FaceDetection", "CheckFaceDuplicate", "PhotoDoesNotMeetRequirement"]
        )

        deleted = self.canter.aws(
            "rekognition", "delete-faces", "--collection-id", COLLECTION, "--face-ids", face
        )
        self.assertEqual(deleted["DeletedFaces"], [face])
        outcome, _ = self.submit(key)
        self.assert_accepted(outcome)

    def test_the_pictures_give_what_their_page_says(self):
        for key, title, message in (
            ("2_sunglass_face.jpg", NOT_FIT, "Face is wearing sunglasses"),
            ("3_multiple_faces.jpg", NOT_FIT, "Detected 3 faces in the photo."),
            ("4_no_face.jpg", NOT_FIT, "Detected 0 faces in the photo."),
        ):
            with self.subTest(key):
                outcome, events = self.submit(key)
                self.assert_refused(outcome, title, message)
                self.assertEqual(entered(events), ["FaceDetection", "PhotoDoesNotMeetRequirement"])
        outcome, _ = self.submit("1_happy_face.jpg")
        self.assert_accepted(outcome)
        outcome, _ = self.submit("5_same_person.jpg", user="user_b")
        self.assert_refused(outcome, *KNOWN)

    def test_the_workshops_own_pictures(self):
        photos = shared("data/photos")
        self.canter.aws("s3", "cp", photos, f"s3://{PHOTOS}/workshop", "--recursive", "--only-show-errors")
        outcome, _ = self.submit("workshop/1_happy_face.jpg")
        self.assert_accepted(outcome)
        outcome, _ = self.submit("workshop/1_happy_face.jpg", user="user_b")
        self.assert_refused(outcome, *KNOWN)
        for key, messages in (
            # The small face in the mirror may count.
            ("2_sunglass_face.jpg", ["Face is wearing sunglasses", "Detected 2 faces in the photo."]),
            ("3_multiple_faces.jpg", ["Detected 3 faces in the photo."]),
            ("4_no_face.jpg", ["Detected 0 faces in the photo."]),
        ):
            with self.subTest(key):
                outcome, _ = self.submit(f"workshop/{key}")
                self.assertEqual(outcome["status"], "SUCCEEDED", outcome)
                told = json.loads(outcome["output"])["messageToSend"]
                self.assertEqual(told["title"], NOT_FIT)
                self.assertIn(told["message"], messages)

    def test_a_text_file_is_no_photo(self):
        text = self.canter.folder / "text.jpg"
        text.write_text("not a picture\n" * 100)
        self.canter.aws("s3", "cp", text, f"s3://{PHOTOS}/text.jpg", "--only-show-errors")
        outcome, events = self.submit("text.jpg")
        self.assert_refused(outcome, NOT_FIT, "Unsupported image file format. Only JPEG or PNG is supported")
        self.assertEqual(entered(events), ["FaceDetection", "PhotoDoesNotMeetRequirement"])

    def test_a_photo_that_is_not_there_fails_the_execution(self):
        for about in ({"bucket": "no-such-bucket-here"}, {"key": "no-such-key.jpg"}):
            with self.subTest(**about):
                outcome, _ = self.submit(**({"key": "1_happy_face.jpg"} | about))
                self.assertEqual(outcome["status"], "FAILED", outcome)
                self.assertEqual(outcome["error"], "InvalidS3ObjectException")
                self.assertEqual(
                    json.loads(outcome["cause"])["errorMessage"],
                    "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
                )
