import { errorText } from '../app/notifications';
import { AwsError } from '../aws/errors';

/** Why an item was not saved. The condition is the console's own: nobody who has not set one is told of it. */
export function refusalText(error: unknown): string {
  const isThere = error instanceof AwsError && error.code === 'ConditionalCheckFailedException';
  return isThere ? 'There is an item with this key already. Change the key, or open that item to change it.' : errorText(error);
}
