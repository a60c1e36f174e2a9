#!/usr/bin/env bash
# Lays the rider-photo application out by plain `aws` calls: two buckets, the face collection, the table, two roles,
# six functions and the state machine. Run it again and it brings what is there up to date.
#
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 ./deploy.sh
#
# Without AWS_ENDPOINT_URL it deploys to AWS itself. FUNCTIONS_DIR names a folder with the built functions; without it
# they are built here. Names: see names.sh.
set -euo pipefail
cd "$(dirname "$0")"
. ./names.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unless_exists CODE COMMAND…: runs the command; its failure with that error code is no failure. 1 if it was so.
unless_exists() {
  local code=$1
  shift
  if "$@" >/dev/null 2>"$work/error"; then return 0; fi
  if grep -q "$code" "$work/error"; then return 1; fi
  cat "$work/error" >&2
  exit 1
}

# binary_name FaceDetection → face-detection
binary_name() { sed -E 's/([a-z])([A-Z])/\1-\2/g' <<<"$1" | tr '[:upper:]' '[:lower:]'; }

# zip_function BINARY ZIP: the binary as the executable `bootstrap`, the custom runtime's entry point.
zip_function() {
  local binary=$1
  if command -v strip >/dev/null && strip -o "$work/bootstrap" "$binary" 2>/dev/null; then binary=$work/bootstrap; fi
  python3 - "$binary" "$2" <<'PY'
import sys, zipfile
binary, path = sys.argv[1:]
entry = zipfile.ZipInfo("bootstrap")
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
with zipfile.ZipFile(path, "w", compresslevel=1) as archive, open(binary, "rb") as file:
    archive.writestr(entry, file.read())
PY
}

# role NAME SERVICE POLICY: a role that the service may assume, with that one policy.
role() {
  local trust='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'$2'"},"Action":"sts:AssumeRole"}]}'
  unless_exists EntityAlreadyExists aws iam create-role --role-name "$1" --assume-role-policy-document "$trust" || true
  aws iam put-role-policy --role-name "$1" --policy-name rider-photo --policy-document "$3"
}

# function_ NAME: created, or its code and configuration brought up to date.
function_() {
  local name=$1
  local settings=(
    --function-name "$name" --runtime provided.al2023 --handler bootstrap --timeout 60 --memory-size 512
    --role "arn:aws:iam::$account:role/$function_role"
    --environment "Variables={REKOGNITION_COLLECTION_ID=$collection,THUMBNAIL_BUCKET=$thumbnails_bucket,TABLE_NAME=$table}"
  )
  local tries=1
  # A role is known to Lambda some seconds after its creation.
  until unless_exists 'ResourceConflictException\|cannot be assumed' \
    aws lambda create-function "${settings[@]}" --zip-file "fileb://$work/$name.zip"; do
    if grep -q ResourceConflictException "$work/error"; then
      aws lambda update-function-code --function-name "$name" --zip-file "fileb://$work/$name.zip" >/dev/null
      aws lambda wait function-updated-v2 --function-name "$name"
      aws lambda update-function-configuration "${settings[@]}" >/dev/null
      aws lambda wait function-updated-v2 --function-name "$name"
      return
    fi
    [ $((tries++)) -lt 10 ] || { cat "$work/error" >&2; exit 1; }
    sleep 2
  done
  aws lambda wait function-active-v2 --function-name "$name"
}

echo "Deploying to ${AWS_ENDPOINT_URL:-AWS} as account $account in $AWS_DEFAULT_REGION" >&2
if [ -z "${FUNCTIONS_DIR:-}" ]; then
  cargo build --package rider-photo-functions --bins >&2
  FUNCTIONS_DIR=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug
fi
for name in $functions; do zip_function "$FUNCTIONS_DIR/$(binary_name "$name")" "$work/$name.zip"; done

for bucket in "$photos_bucket" "$thumbnails_bucket"; do
  unless_exists BucketAlreadyOwnedByYou aws s3 mb "s3://$bucket" || true
done
aws s3 cp pictures "s3://$photos_bucket" --recursive --exclude '*' --include '*.jpg' --only-show-errors
unless_exists ResourceAlreadyExistsException aws rekognition create-collection --collection-id "$collection" || true
unless_exists ResourceInUseException aws dynamodb create-table --table-name "$table" --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=Username,AttributeType=S --key-schema AttributeName=Username,KeyType=HASH || true
aws dynamodb wait table-exists --table-name "$table"

role "$function_role" lambda.amazonaws.com '{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"},
  {"Effect":"Allow","Action":"rekognition:DetectFaces","Resource":"*"},
  {"Effect":"Allow","Action":["rekognition:SearchFacesByImage","rekognition:IndexFaces"],
   "Resource":"arn:aws:rekognition:*:'"$account"':collection/'"$collection"'"},
  {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::'"$photos_bucket"'/*"},
  {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::'"$thumbnails_bucket"'/*"},
  {"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:*:'"$account"':table/'"$table"'"}]}'
role "$state_machine_role" states.amazonaws.com '{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:*:'"$account"':function:*"}]}'

definition=$(<state-machine.asl.json)
for name in $functions; do
  function_ "$name"
  arn=arn:aws:lambda:$AWS_DEFAULT_REGION:$account:function:$name
  definition=${definition//REPLACE_WITH_${name}FunctionArn/$arn}
  printf '%-34s %s\n' "${name}FunctionArn" "$arn"
done

machine_role=arn:aws:iam::$account:role/$state_machine_role
unless_exists StateMachineAlreadyExists aws stepfunctions create-state-machine --name "$state_machine" \
  --role-arn "$machine_role" --definition "$definition" ||
  aws stepfunctions update-state-machine --state-machine-arn "$state_machine_arn" \
    --role-arn "$machine_role" --definition "$definition" >/dev/null

printf '%-34s %s\n' RiderPhotoS3Bucket "$photos_bucket" ThumbnailS3Bucket "$thumbnails_bucket" \
  RekognitionCollectionId "$collection" RiderPhotoDDBTable "$table" StateMachineArn "$state_machine_arn"
