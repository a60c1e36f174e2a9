# The names that deploy.sh makes and teardown.sh removes; each can be set in the environment. Sourced by both.
export AWS_DEFAULT_REGION="${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}" AWS_PAGER=""
if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
  # A local endpoint takes any keys.
  export AWS_ACCESS_KEY_ID="${AWS_ACCESS_KEY_ID:-test}" AWS_SECRET_ACCESS_KEY="${AWS_SECRET_ACCESS_KEY:-test}"
fi
account=$(aws sts get-caller-identity --query Account --output text)
# Bucket names are global, so the account is part of them.
photos_bucket=${PHOTOS_BUCKET:-wildrydes-rider-photos-$account}
thumbnails_bucket=${THUMBNAILS_BUCKET:-wildrydes-thumbnails-$account}
collection=${COLLECTION:-rider-photos}
table=${TABLE:-RiderPhotos}
state_machine=${STATE_MACHINE:-RiderPhotoProcessing}
function_role=RiderPhotoFunctions
state_machine_role=RiderPhotoStateMachine
functions="FaceDetection FaceSearch IndexFace Thumbnail PersistMetadata NotificationPlaceholder"
state_machine_arn=arn:aws:states:$AWS_DEFAULT_REGION:$account:stateMachine:$state_machine
