#!/usr/bin/env bash
# Removes what deploy.sh made, the photos and the collected faces with it. What is gone already is no failure.
set -euo pipefail
cd "$(dirname "$0")"
. ./names.sh
error=$(mktemp)
trap 'rm -f "$error"' EXIT

# gone CODE COMMAND…: runs the command; its failure with that error code is no failure.
gone() {
  local code=$1
  shift
  if "$@" >/dev/null 2>"$error"; then echo "removed: ${*:2:3} ${*: -1}"; return; fi
  grep -q "$code" "$error" || { cat "$error" >&2; exit 1; }
}

# On AWS and on Canter alike, the deletion of an absent state machine succeeds.
gone StateMachineDoesNotExist aws stepfunctions delete-state-machine --state-machine-arn "$state_machine_arn"
for name in $functions; do gone ResourceNotFoundException aws lambda delete-function --function-name "$name"; done
gone ResourceNotFoundException aws dynamodb delete-table --table-name "$table"
gone ResourceNotFoundException aws rekognition delete-collection --collection-id "$collection"
for bucket in "$photos_bucket" "$thumbnails_bucket"; do gone NoSuchBucket aws s3 rb --force "s3://$bucket"; done
for role in "$function_role" "$state_machine_role"; do
  gone NoSuchEntity aws iam delete-role-policy --role-name "$role" --policy-name rider-photo
  gone NoSuchEntity aws iam delete-role --role-name "$role"
done
